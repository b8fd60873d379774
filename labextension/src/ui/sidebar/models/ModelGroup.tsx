// One registered model: its versions, the step back, and its history.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import { historyIcon, undoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Model } from '../../../text/models';
import { shortly } from '../../../text/models';
import { plain } from '../../../text/runs';
import type { IMlops } from '../../../tokens';
import { Commands } from '../../../tokens';
import { IconButton } from './IconButton';
import { Moves } from './Moves';
import { VersionRow } from './VersionRow';

interface ModelGroupProps {
  model: Model;
  mlops: IMlops;
  app: JupyterFrontEnd;
  folder: string;
  trans: TranslationBundle;
}

const FIRST = 4;
const MORE = 20;

export function ModelGroup({ model, mlops, app, folder, trans }: ModelGroupProps): JSX.Element {
  const [most, setMost] = React.useState(FIRST);
  const [history, setHistory] = React.useState(false);
  const name = plain(model.name);
  const shown = shortly(model.versions, most);
  const left = model.versions.length - shown.length;
  const aliases = model.versions.map(each => `${each.version}:${each.aliases.join(',')}`).join(' ');
  return (
    <div
      className="jp-mlops-group"
      role="group"
      aria-label={name}
      data-mlops="model"
      data-mlops-args={JSON.stringify({ model: model.name, folder })}
    >
      <div className="jp-mlops-group-head">
        <h4 title={name}>{name}</h4>
        {model.champion && (
          <IconButton
            icon={undoIcon}
            label={trans.__('Roll %1 back…', name)}
            onClick={() => void app.commands.execute(Commands.rollback, { model: model.name, folder })}
          />
        )}
        <IconButton
          icon={historyIcon}
          label={trans.__('History of %1', name)}
          expanded={history}
          onClick={() => setHistory(!history)}
        />
      </div>
      {history && <Moves name={model.name} state={aliases} mlops={mlops} folder={folder} trans={trans} />}
      <ul className="jp-mlops-items">
        {shown.map(version => (
          <VersionRow key={version.version} version={version} mlops={mlops} app={app} folder={folder} trans={trans} />
        ))}
      </ul>
      {left > 0 && (
        <button type="button" className="jp-mlops-fold" onClick={() => setMost(most + MORE)}>
          {trans._n('%1 older version', '%1 older versions', left)}
        </button>
      )}
    </div>
  );
}
