// A labelled control with a hint, or with what is wrong.

import * as React from 'react';

interface Props {
  label: string;
  hint?: string;
  problem?: string | null;
  children: (id: string, aria: { 'aria-describedby'?: string; 'aria-invalid'?: boolean }) => React.ReactNode;
}

export function Field({ label, hint, problem, children }: Props): JSX.Element {
  const id = React.useId();
  const said = problem ?? hint;
  return (
    <div className="jp-mlops-Field">
      <label htmlFor={id}>{label}</label>
      {children(id, { ...(said ? { 'aria-describedby': `${id}-said` } : {}), 'aria-invalid': Boolean(problem) })}
      {said && (
        <span id={`${id}-said`} role={problem ? 'alert' : undefined} className={problem ? 'jp-mlops-Field-problem' : 'jp-mlops-Quiet'}>
          {problem ? `✗ ${problem}` : said}
        </span>
      )}
    </div>
  );
}
