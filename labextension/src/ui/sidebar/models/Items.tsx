// A list of rows; none where there are no rows, which readers of the screen would be told of.

import * as React from 'react';

export function Items({ label, children }: { label: string; children: React.ReactNode }): JSX.Element | null {
  return React.Children.count(children) === 0 ? null : (
    <ul className="jp-mlops-items" aria-label={label}>
      {children}
    </ul>
  );
}
