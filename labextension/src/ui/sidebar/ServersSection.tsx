// The servers of the project that run now.

import { launchIcon, listIcon, stopIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ageWords, momentWords } from '../../text/ages';
import { engineWords, modelWords, shortAddress } from '../../text/servers';
import { Commands } from '../../tokens';
import { IconButton } from './models/IconButton';
import { Items } from './models/Items';
import { useChanges } from './models/useChanges';
import { Section } from './Section';
import type { SectionContent } from './sections';
import { Trouble } from './Trouble';
import { useAnswer } from './useAnswer';

const EVERY = 10; // seconds

/** Asked for while it is folded, too: the heading says how many run. */
export function ServersSection({ mlops, app, folder, trans, visible }: SectionContent): JSX.Element {
  const { value, problem, again } = useAnswer(() => mlops.client.servers(folder), folder, visible, EVERY);
  useChanges(mlops, app, again);
  return (
    <Section id="servers" title={trans.__('Servers')} count={value?.servers.length}>
      {problem && <Trouble problem={problem} onAgain={again} trans={trans} />}
      {value?.servers.length === 0 && (
        <p className="jp-mlops-empty">
          {trans.__('No server runs. Serve a version of a model or a bundle: it answers on this machine until you stop it.')}
        </p>
      )}
      <Items label={trans.__('Servers')}>
        {value?.servers.map(server => {
          const { port } = server;
          const at = shortAddress(server.url);
          const run = (command: string) => () => void app.commands.execute(command, { port, folder });
          return (
            <li
              key={port}
              className="jp-mlops-item"
              data-mlops="server"
              data-mlops-args={JSON.stringify({ port, folder })}
            >
              <div className="jp-mlops-item-head">
                <span className="jp-mlops-item-title" title={modelWords(server, trans)}>
                  {modelWords(server, trans)}
                </span>
                <span className="jp-mlops-item-actions">
                  <IconButton icon={launchIcon} label={trans.__('Open %1 in a new tab', at)} onClick={run(Commands.openServer)} />
                  <IconButton icon={listIcon} label={trans.__('Log of %1', at)} onClick={run(Commands.showLog)} />
                  <IconButton icon={stopIcon} label={trans.__('Stop %1…', at)} onClick={run(Commands.stopServer)} />
                </span>
              </div>
              <div className="jp-mlops-item-line">
                <span className="jp-mlops-code">{at}</span>
                {server.engine && <span>{engineWords(server.engine, trans)}</span>}
                <span className="jp-mlops-item-age" title={momentWords(server.started)}>
                  {trans.__('started %1', ageWords(server.started, Date.now() / 1000, trans))}
                </span>
              </div>
            </li>
          );
        })}
      </Items>
    </Section>
  );
}
