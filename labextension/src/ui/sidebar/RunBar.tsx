// Above the list of runs: whose runs, a search, and what can be done with those that are ticked.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Scope } from '../../model/panelState';
import type { RunChoice } from '../../model/runChoice';

const TYPED = 250; // ms without a key before the server is asked

interface RunBarProps {
  scope: Scope;
  /** There is a notebook whose runs could be meant. */
  canBeNotebook: boolean;
  /** The project's name; empty while it is not known. */
  project: string;
  onScope: (scope: Scope) => void;
  onSearch: (words: string) => void;
  choice: RunChoice;
  onCompare: () => void;
  trans: TranslationBundle;
}

export function RunBar({ scope, canBeNotebook, project, onScope, onSearch, choice, onCompare, trans }: RunBarProps): JSX.Element {
  const [typed, setTyped] = React.useState('');
  const [ticked, setTicked] = React.useState(choice.ticked.length);

  React.useEffect(() => {
    const timer = window.setTimeout(() => onSearch(typed.trim()), typed ? TYPED : 0);
    return () => window.clearTimeout(timer);
  }, [typed, onSearch]);

  React.useEffect(() => {
    const count = (): void => setTicked(choice.ticked.length);
    choice.changed.connect(count);
    return () => {
      choice.changed.disconnect(count);
    };
  }, [choice]);

  const choose = (each: Scope, label: string, isEnabled: boolean, title?: string): JSX.Element => (
    <button type="button" aria-pressed={scope === each} disabled={!isEnabled} title={title} onClick={() => onScope(each)}>
      {label}
    </button>
  );
  return (
    <div className="jp-mlops-run-bar">
      <div className="jp-mlops-scope" role="group" aria-label={trans.__('Runs of')}>
        {choose('notebook', trans.__('This notebook'), canBeNotebook)}
        {choose('project', trans.__('Project'), true, project || undefined)}
      </div>
      <input
        type="search"
        className="jp-mlops-search"
        value={typed}
        placeholder={trans.__('Search name or hypothesis')}
        aria-label={trans.__('Search runs')}
        onChange={event => setTyped(event.target.value)}
      />
      <div className="jp-mlops-ticked" hidden={ticked === 0}>
        <span role="status">{trans._n('%1 selected', '%1 selected', ticked)}</span>
        <button type="button" className="jp-mlops-button" disabled={ticked < 2} onClick={onCompare}>
          {trans.__('Compare')}
        </button>
        <button type="button" className="jp-mlops-button" onClick={() => choice.untick()}>
          {trans.__('Clear')}
        </button>
      </div>
    </div>
  );
}
