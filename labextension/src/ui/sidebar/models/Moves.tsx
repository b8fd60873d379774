// Who moved which alias of a model, when and why; the newest first.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { ageWords, momentWords } from '../../../text/ages';
import { LONG, moveWords } from '../../../text/models';
import { plain } from '../../../text/runs';
import type { IMlops } from '../../../tokens';
import { Trouble } from '../Trouble';
import { useOnce } from './useOnce';

interface MovesProps {
  name: string;
  /** Changes when the aliases do: then the history is asked for anew. */
  state: string;
  mlops: IMlops;
  folder: string;
  trans: TranslationBundle;
}

const MOST = 50;

export function Moves({ name, state, mlops, folder, trans }: MovesProps): JSX.Element {
  // eslint-disable-next-line react-hooks/exhaustive-deps -- another state is asked for anew
  const ask = React.useCallback(() => mlops.client.moves(folder, name), [mlops, folder, name, state]);
  const { value, problem, again } = useOnce(ask);
  if (problem) {
    return <Trouble problem={problem} onAgain={again} trans={trans} />;
  }
  if (!value) {
    return <div className="jp-mlops-item-line">{trans.__('Reading the history…')}</div>;
  }
  const newest = [...value.moves].reverse();
  return (
    <ol className="jp-mlops-moves" aria-label={trans.__('History of %1', plain(name))}>
      {newest.length === 0 && <li>{trans.__('No alias was moved by jupyter-mlops yet.')}</li>}
      {newest.slice(0, MOST).map((move, at) => {
        const when = Date.parse(move.when) / 1000;
        return (
          <li key={at}>
            <div className="jp-mlops-move">{moveWords(move, trans)}</div>
            {move.why && <div>“{plain(move.why, LONG)}”</div>}
            <div className="jp-mlops-move-who" title={momentWords(when)}>
              {trans.__('%1, %2', plain(move.who), ageWords(when, Date.now() / 1000, trans))}
            </div>
          </li>
        );
      })}
      {newest.length > MOST && (
        <li>{trans._n('%1 older move is in the history of `mlops models`.', '%1 older moves are in the history of `mlops models`.', newest.length - MOST)}</li>
      )}
    </ol>
  );
}
