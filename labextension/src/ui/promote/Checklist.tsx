// Gates as a checklist: a sign, a word and a figure each.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { outcomeWord } from '../../text/models';
import { outcomeSign } from '../../text/promotion';
import type { Row } from '../../text/promotion';

interface Props {
  title: string;
  rows: readonly Row[];
  trans: TranslationBundle;
}

export function Checklist({ title, rows, trans }: Props): JSX.Element {
  const id = React.useId();
  return (
    <section>
      <h3 id={id} className="jp-mlops-Step-heading">
        {title}
      </h3>
      <ul className="jp-mlops-Checklist" aria-labelledby={id}>
        {rows.map((row, at) => (
          <li key={at} data-outcome={row.outcome}>
            <span className="jp-mlops-Checklist-outcome">
              <span aria-hidden="true">{outcomeSign(row.outcome)}</span> {outcomeWord(row.outcome, trans)}
            </span>
            <span className="jp-mlops-Checklist-what">{row.what}</span>
            <span className="jp-mlops-Checklist-figure">{row.figure}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
