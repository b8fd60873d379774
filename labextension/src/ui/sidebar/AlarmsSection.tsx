// What running servers say about the data they see: whether it still looks like training's.

import { listIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { alarmCount, columnWords, verdictWord, worstFirst } from '../../text/alarms';
import { modelWords, portOf, shortAddress } from '../../text/servers';
import { Commands } from '../../tokens';
import { IconButton } from './models/IconButton';
import { Items } from './models/Items';
import { useChanges } from './models/useChanges';
import { Section } from './Section';
import type { SectionContent } from './sections';
import { Trouble } from './Trouble';
import { useAnswer } from './useAnswer';

const EVERY = 15; // seconds
const COLUMNS = 6;

/** Asked for while it is folded, too: the heading says what drifts. */
export function AlarmsSection({ mlops, app, folder, trans, visible }: SectionContent): JSX.Element {
  const { value, problem, again } = useAnswer(() => mlops.client.alarms(folder), folder, visible, EVERY);
  useChanges(mlops, app, again);
  const alarms = React.useMemo(() => worstFirst(value?.alarms ?? []), [value]);
  React.useEffect(() => mlops.alarms.tell(alarms), [mlops, alarms]);
  return (
    <Section id="alarms" title={trans.__('Drift')} count={alarmCount(alarms, trans)}>
      {problem && <Trouble problem={problem} onAgain={again} trans={trans} />}
      {value && alarms.length === 0 && (
        <p className="jp-mlops-empty">
          {trans.__('No server runs. A running one compares the data it is sent with the data its model was trained on, and says here what drifts.')}
        </p>
      )}
      <Items label={trans.__('Drift')}>
        {alarms.map(alarm => {
          const { mark, word } = verdictWord(alarm.verdict, trans);
          const port = portOf(alarm.url);
          const at = shortAddress(alarm.url);
          return (
            <li
              key={alarm.url}
              className="jp-mlops-item"
              data-verdict={alarm.verdict}
              data-mlops="server"
              data-mlops-args={JSON.stringify({ port, folder })}
            >
              <div className="jp-mlops-item-head">
                <span className="jp-mlops-verdict">
                  <span className="jp-mlops-mark" aria-hidden="true">
                    {mark}
                  </span>{' '}
                  {word}
                </span>
                <span className="jp-mlops-item-title" title={modelWords(alarm, trans)}>
                  {modelWords(alarm, trans)}
                </span>
                <span className="jp-mlops-item-actions">
                  <IconButton
                    icon={listIcon}
                    label={trans.__('Log of %1', at)}
                    onClick={() => void app.commands.execute(Commands.showLog, { port, folder })}
                  />
                </span>
              </div>
              <div className="jp-mlops-item-line">
                <span>{alarm.said}</span>
                <span className="jp-mlops-code">{at}</span>
              </div>
              {alarm.columns.length > 0 && (
                <div className="jp-mlops-item-line">{trans.__('Drifting: %1', columnWords(alarm.columns, COLUMNS, trans))}</div>
              )}
            </li>
          );
        })}
      </Items>
    </Section>
  );
}
