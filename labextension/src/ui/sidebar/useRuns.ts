// The runs of a question for a component: asked now and then while somebody looks, and when the kernel has new ones.

import { Poll } from '@lumino/polling';
import * as React from 'react';

import type { RunQuestion } from '../../model/runLister';
import { RunLister } from '../../model/runLister';
import type { IMlops } from '../../tokens';

const EVERY = 15_000; // ms
const SOON = 400; // ms in which several cells count as one
const ARRIVING = 3_000; // ms between two looks while runs are on their way

/** The lister, which has the runs; the component is drawn again when it has others. */
export function useRuns(mlops: IMlops, question: RunQuestion, isLooked: boolean): RunLister {
  const lister = React.useMemo(() => new RunLister(mlops.client), [mlops]);
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  const { folder, notebook, search } = question;

  React.useEffect(() => {
    lister.changed.connect(draw);
    return () => {
      lister.changed.disconnect(draw);
    };
  }, [lister]);

  React.useEffect(() => {
    lister.ask({ folder, notebook, search });
  }, [lister, folder, notebook, search]);

  React.useEffect(() => {
    if (!isLooked) {
      return;
    }
    const poll = new Poll({
      name: 'jupyter-mlops:runs',
      standby: 'when-hidden',
      frequency: { interval: EVERY, backoff: true, max: 300_000 },
      factory: () => lister.refresh()
    });
    let timer = 0;
    const later = (ms: number): void => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void poll.refresh(), ms);
    };
    const soon = (): void => later(SOON);
    const onList = (): void => {
      if (lister.list?.waiting) {
        later(ARRIVING);
      }
    };
    const panel = mlops.notebooks.current;
    const live = panel && mlops.notebooks.live(panel);
    const onCells = (_: unknown, cells: string[]): void => {
      if (cells.some(id => live?.cells.get(id)?.run)) {
        soon();
      }
    };
    live?.cellsChanged.connect(onCells);
    mlops.jobsChanged.connect(soon);
    lister.changed.connect(onList);
    return () => {
      window.clearTimeout(timer);
      lister.changed.disconnect(onList);
      live?.cellsChanged.disconnect(onCells);
      mlops.jobsChanged.disconnect(soon);
      poll.dispose();
    };
  }, [lister, mlops, isLooked, folder, notebook, search]);

  return lister;
}
