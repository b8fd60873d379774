// A small button of a row: an icon for eyes, words for everybody.

import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

interface IconButtonProps {
  icon: LabIcon;
  /** What it does, and to what: rows have the same buttons. */
  label: string;
  onClick: () => void;
  expanded?: boolean;
}

export function IconButton({ icon, label, onClick, expanded }: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      className="jp-mlops-icon-button"
      title={label}
      aria-label={label}
      aria-expanded={expanded}
      onClick={onClick}
    >
      <icon.react tag="span" aria-hidden="true" />
    </button>
  );
}
