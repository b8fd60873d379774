// A text that people take elsewhere, with a button that copies it.

import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

const SECONDS = 2;

interface Props {
  text: string;
  /** What it is, as part of a sentence: "the path". */
  what: string;
  trans: TranslationBundle;
}

export function Copied({ text, what, trans }: Props): JSX.Element {
  const [isDone, setDone] = React.useState(false);
  React.useEffect(() => {
    const timer = isDone ? window.setTimeout(() => setDone(false), 1000 * SECONDS) : 0;
    return () => window.clearTimeout(timer);
  }, [isDone]);
  const label = trans.__('Copy %1', what);
  const Icon = isDone ? checkIcon : copyIcon;
  return (
    <span className="jp-mlops-Copied">
      <code>{text}</code>
      <button
        type="button"
        title={label}
        aria-label={label}
        onClick={() => {
          Clipboard.copyToSystem(text);
          setDone(true);
        }}
      >
        <Icon.react tag="span" />
      </button>
      <span role="status" className="jp-mlops-Copied-said">
        {isDone ? trans.__('Copied') : ''}
      </span>
    </span>
  );
}
