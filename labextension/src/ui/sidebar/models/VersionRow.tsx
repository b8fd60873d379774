// A version of a model: its aliases, where it comes from, how it was measured, and what to do with it.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { exportIcon, promoteIcon, serveIcon } from '../../../icons';
import type { Version } from '../../../api/rest';
import { ageWords, momentWords } from '../../../text/ages';
import { aliasMeaning, fullName, gateCounts, reasonWords } from '../../../text/models';
import { metricsText, plain } from '../../../text/runs';
import { shortAddress } from '../../../text/servers';
import type { IMlops } from '../../../tokens';
import { Commands } from '../../../tokens';
import { Gates } from './Gates';
import { IconButton } from './IconButton';

interface VersionRowProps {
  version: Version;
  mlops: IMlops;
  app: JupyterFrontEnd;
  folder: string;
  trans: TranslationBundle;
}

export function VersionRow({ version, mlops, app, folder, trans }: VersionRowProps): JSX.Element {
  const [open, setOpen] = React.useState(false);
  const name = fullName(version);
  const shown = plain(name);
  const gates = gateCounts(version.gates, trans);
  const made = Date.parse(version.created) / 1000;
  const metrics = metricsText(version.metrics);
  const reason = reasonWords(version, trans);
  const Caret = open ? caretDownIcon : caretRightIcon;
  const run = (command: string) => () => void app.commands.execute(command, { model: name, folder });
  return (
    <li className="jp-mlops-item" data-mlops="version" data-mlops-args={JSON.stringify({ model: name, folder })}>
      <div className="jp-mlops-item-head">
        <span className="jp-mlops-item-title">{trans.__('Version %1', version.version)}</span>
        {version.aliases.map(alias => (
          <span key={alias} className="jp-mlops-chip" data-alias={alias} title={aliasMeaning(alias, trans)}>
            {alias}
          </span>
        ))}
        <span className="jp-mlops-item-actions">
          <IconButton icon={promoteIcon} label={trans.__('Promote %1…', shown)} onClick={run(Commands.promote)} />
          <IconButton icon={exportIcon} label={trans.__('Export %1 as a bundle…', shown)} onClick={run(Commands.exportBundle)} />
          <IconButton icon={serveIcon} label={trans.__('Serve %1…', shown)} onClick={run(Commands.serve)} />
        </span>
      </div>
      <div className="jp-mlops-item-line">
        {version.run !== null ? (
          <button
            type="button"
            className="jp-mlops-link"
            title={trans.__('Open the run %1', plain(version.run))}
            onClick={() => void app.commands.execute(Commands.showRun, { id: version.run_id, folder })}
          >
            {plain(version.run)}
          </button>
        ) : (
          <span>{trans.__('made by others')}</span>
        )}
        <span className="jp-mlops-item-age" title={momentWords(made)}>
          {ageWords(made, Date.now() / 1000, trans)}
        </span>
      </div>
      {metrics && <div className="jp-mlops-item-line jp-mlops-figures">{metrics}</div>}
      {version.served_at.length > 0 && (
        <div className="jp-mlops-item-line">{trans.__('served at %1', version.served_at.map(shortAddress).join(', '))}</div>
      )}
      {reason && <div className="jp-mlops-item-line">{reason}</div>}
      {gates && (
        <button type="button" className="jp-mlops-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
          <Caret.react tag="span" aria-hidden="true" />
          {trans.__('Gates: %1', gates)}
        </button>
      )}
      {open && <Gates version={version} mlops={mlops} folder={folder} trans={trans} />}
    </li>
  );
}
