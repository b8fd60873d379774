// A part of the left panel: a heading that folds it, how many there are, and its actions.

import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { usePanelState } from './usePanelState';

/** Whether a section is unfolded; one that is not need not ask for anything. */
export const useIsOpen = (id: string): boolean => usePanelState().isOpen(id);

interface SectionProps {
  /** Under which the panel remembers it. */
  id: string;
  title: string;
  /** How many there are, when that is known; words such as "2 drift" are fine. */
  count?: number | string;
  /** Buttons at the right of the heading. */
  actions?: React.ReactNode;
  children?: React.ReactNode;
}

/** `children` are there while it is unfolded only. */
export function Section({ id, title, count, actions, children }: SectionProps): JSX.Element {
  const state = usePanelState();
  const open = state.isOpen(id);
  const body = `jp-mlops-section-${id}`;
  const Caret = open ? caretDownIcon : caretRightIcon;
  return (
    <section className="jp-mlops-section" data-section={id} data-open={open} aria-labelledby={`${body}-title`}>
      <div className="jp-mlops-section-head">
        <h3>
          <button
            type="button"
            id={`${body}-title`}
            aria-expanded={open}
            aria-controls={open ? body : undefined}
            onClick={() => state.setOpen(id, !open)}
          >
            <Caret.react tag="span" aria-hidden="true" />
            <span className="jp-mlops-section-title">{title}</span>
            {count !== undefined && <span className="jp-mlops-count">{count}</span>}
          </button>
        </h3>
        {open && actions}
      </div>
      {open && (
        <div className="jp-mlops-section-body" id={body}>
          {children}
        </div>
      )}
    </section>
  );
}
