// The runs of the current notebook, or of its whole project.

import type { TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { pathOf } from '../../model/place';
import { Commands } from '../../tokens';
import { RunBar } from './RunBar';
import { RunRows } from './RunRows';
import { Section } from './Section';
import type { SectionContent } from './sections';
import { Trouble } from './Trouble';
import { useRuns } from './useRuns';
import { usePanelState } from './usePanelState';

export function RunsSection({ mlops, app, folder, trans, visible }: SectionContent): JSX.Element {
  const state = usePanelState();
  const { scope, runs: choice } = state;
  const [search, setSearch] = React.useState('');
  const panel = mlops.notebooks.current;
  const notebook = scope === 'notebook' && panel ? pathOf(panel) : null;
  const lister = useRuns(mlops, { folder, notebook, search }, visible && state.isOpen('runs'));
  const { list, problem, isLate } = lister;

  React.useEffect(() => choice.leave(folder), [choice, folder]);
  React.useEffect(() => {
    choice.known = list?.runs ?? [];
  }, [choice, list]);

  const again = React.useCallback(() => {
    lister.refresh().catch(() => undefined); // the section says why
  }, [lister]);
  const look = React.useCallback((rows: Parameters<typeof lister.look>[0]) => lister.look(rows), [lister]);

  return (
    <Section
      id="runs"
      title={trans.__('Runs')}
      count={list ? list.total.toLocaleString() : undefined}
      actions={
        <button type="button" className="jp-mlops-icon-button" title={trans.__('Refresh')} aria-label={trans.__('Refresh runs')} onClick={again}>
          <refreshIcon.react tag="span" />
        </button>
      }
    >
      <RunBar
        scope={panel ? scope : 'project'}
        canBeNotebook={panel !== null}
        project={list?.project ?? ''}
        onScope={chosen => state.setScope(chosen)}
        onSearch={setSearch}
        choice={choice}
        onCompare={() => void app.commands.execute(Commands.compare)}
        trans={trans}
      />
      {problem && <Trouble problem={problem} onAgain={again} trans={trans} />}
      {!list && !problem && <p className="jp-mlops-empty">{trans.__('Loading…')}</p>}
      {list && list.waiting > 0 && (
        <p className="jp-mlops-coming" role="status">
          {trans._n('%1 run is on its way to MLflow.', '%1 runs are on their way to MLflow.', list.waiting)}
        </p>
      )}
      {list && list.total === 0 && list.waiting === 0 && !problem && (
        <p className="jp-mlops-empty">{noRuns(search, notebook, trans)}</p>
      )}
      {list && list.total > 0 && (
        <RunRows
          list={list}
          choice={choice}
          question={`${folder}\n${notebook}\n${search}`}
          isLate={isLate}
          trans={trans}
          onLook={look}
          onOpen={run => void app.commands.execute(Commands.showRun, { id: run.id, name: run.name, folder })}
        />
      )}
    </Section>
  );
}

/** Why there is none, and what to do. */
function noRuns(search: string, notebook: string | null, trans: TranslationBundle): string {
  if (search) {
    return trans.__('No run has these words in its name or hypothesis.');
  }
  return notebook
    ? trans.__('No runs of this notebook yet. Turn on tracking in its toolbar, then run a cell that fits or measures a model.')
    : trans.__('No runs in this project yet. Open a notebook, turn on tracking in its toolbar, then run a cell that fits or measures a model.');
}
