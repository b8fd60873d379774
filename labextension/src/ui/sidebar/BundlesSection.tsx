// The exported bundles in the project's folder.

import { Clipboard, Notification } from '@jupyterlab/apputils';
import { copyIcon, folderIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Bundle } from '../../api/rest';
import { serveIcon } from '../../icons';
import { ageWords, momentWords } from '../../text/ages';
import { plain } from '../../text/runs';
import { engineWords, modelWords, serveCommand, shortDigest, sizeWords } from '../../text/servers';
import { Commands, REVEAL } from '../../tokens';
import { IconButton } from './models/IconButton';
import { Items } from './models/Items';
import { useChanges } from './models/useChanges';
import { Section, useIsOpen } from './Section';
import type { SectionContent } from './sections';
import { Trouble } from './Trouble';
import { useAnswer } from './useAnswer';

const ID = 'bundles';
const EVERY = 30; // seconds
const FIRST = 20;

export function BundlesSection({ mlops, app, folder, trans, visible }: SectionContent): JSX.Element {
  const [most, setMost] = React.useState(FIRST);
  const isOpen = useIsOpen(ID);
  const { value, problem, again } = useAnswer(() => mlops.client.bundles(folder), folder, visible && isOpen, EVERY);
  useChanges(mlops, app, again);
  const bundles = value?.bundles ?? [];
  return (
    <Section id={ID} title={trans.__('Bundles')} count={value?.bundles.length}>
      {problem && <Trouble problem={problem} onAgain={again} trans={trans} />}
      {value && bundles.length === 0 && (
        <p className="jp-mlops-empty">
          {trans.__('No bundle was exported yet. Export a version of a model: the folder that comes of it serves it anywhere.')}
        </p>
      )}
      <Items label={trans.__('Bundles')}>
        {bundles.slice(0, most).map(bundle => (
          <BundleRow key={bundle.path} bundle={bundle} app={app} folder={folder} trans={trans} />
        ))}
      </Items>
      {bundles.length > most && (
        <button type="button" className="jp-mlops-fold" onClick={() => setMost(most + FIRST)}>
          {trans._n('%1 older bundle', '%1 older bundles', bundles.length - most)}
        </button>
      )}
    </Section>
  );
}

type BundleRowProps = Pick<SectionContent, 'app' | 'folder' | 'trans'> & { bundle: Bundle };

function BundleRow({ bundle, app, folder, trans }: BundleRowProps): JSX.Element {
  const copy = (text: string, said: string) => () => {
    Clipboard.copyToSystem(text);
    Notification.info(said, { autoClose: 2500 });
  };
  const { path, shown_at: shownAt } = bundle;
  const shown = plain(path);
  const args = { bundle: path, folder, shownAt, digest: bundle.digest, command: serveCommand(bundle) };
  return (
    <li className="jp-mlops-item" data-mlops="bundle" data-mlops-args={JSON.stringify(args)}>
      <div className="jp-mlops-item-head">
        <span className="jp-mlops-item-title" title={shown}>
          {shown}
        </span>
        <span className="jp-mlops-item-actions">
          <IconButton
            icon={serveIcon}
            label={trans.__('Serve %1…', shown)}
            onClick={() => void app.commands.execute(Commands.serve, { bundle: path, folder })}
          />
          {shownAt !== null && app.commands.hasCommand(REVEAL) && (
            <IconButton
              icon={folderIcon}
              label={trans.__('Show %1 in the file browser', shown)}
              onClick={() => void app.commands.execute(REVEAL, { path: shownAt })}
            />
          )}
          <IconButton
            icon={copyIcon}
            label={trans.__('Copy the command that serves %1', shown)}
            onClick={copy(serveCommand(bundle), trans.__('The command is copied: paste it into a terminal in the project’s folder.'))}
          />
        </span>
      </div>
      <div className="jp-mlops-item-line">
        <span>{modelWords(bundle, trans)}</span>
        <span>{engineWords(bundle.engine, trans)}</span>
        <span>{sizeWords(bundle.bytes)}</span>
        <span className="jp-mlops-item-age" title={momentWords(bundle.made)}>
          {ageWords(bundle.made, Date.now() / 1000, trans)}
        </span>
      </div>
      <div className="jp-mlops-item-line">
        <button
          type="button"
          className="jp-mlops-link jp-mlops-code"
          title={trans.__('Copy the digest (SHA-256): %1', bundle.digest)}
          onClick={copy(bundle.digest, trans.__('The digest is copied.'))}
        >
          {shortDigest(bundle.digest)}…
        </button>
      </div>
    </li>
  );
}
