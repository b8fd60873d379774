// A dialog of several steps: its buttons belong to its body, because each step has others.

import { Dialog } from '@jupyterlab/apputils';
import { closeIcon, ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

const FOCUSABLE = 'button:not(:disabled), a[href], input:not(:disabled), select:not(:disabled), textarea:not(:disabled), [tabindex="0"]';
let opened = 0;

/** Modal; Escape closes it, Tab stays inside, and what had the focus gets it back. */
export class FlowDialog extends Dialog<void> {
  constructor(title: React.ReactNode, body: React.ReactElement, trans: TranslationBundle) {
    const close = (): void => this.reject();
    const id = `jp-mlops-Flow-${++opened}`;
    super({
      title: (
        <>
          <h2 id={id} className="jp-mlops-Flow-title">
            {title}
          </h2>
          <button type="button" className="jp-mlops-Flow-close" title={trans.__('Close')} aria-label={trans.__('Close')} onClick={close}>
            <closeIcon.react tag="span" />
          </button>
        </>
      ),
      body: ReactWidget.create(body),
      buttons: [],
      hasClose: true,
      focusNodeSelector: '[data-first]'
    });
    this.addClass('jp-mlops-Flow');
    this.node.setAttribute('aria-labelledby', id);
  }

  /** Shown until it is closed, by the user or by `reject`. */
  async show(): Promise<void> {
    await this.launch();
  }

  /** The base class takes Enter for its own buttons; here every control keeps its keys. */
  protected _evtKeydown(event: KeyboardEvent): void {
    if (event.key === 'Escape') {
      event.stopPropagation();
      event.preventDefault();
      this.reject();
    } else if (event.key === 'Tab') {
      const all = this.controls();
      const [from, to] = event.shiftKey ? [all[0], all[all.length - 1]] : [all[all.length - 1], all[0]];
      if (to && (document.activeElement === from || !all.includes(document.activeElement as HTMLElement))) {
        event.stopPropagation();
        event.preventDefault();
        to.focus();
      }
    }
  }

  protected _evtFocus(event: FocusEvent): void {
    if (event.target instanceof Node && !this.node.contains(event.target)) {
      event.stopPropagation();
      this.controls()[0]?.focus();
    }
  }

  private controls(): HTMLElement[] {
    return [...this.node.querySelectorAll<HTMLElement>(FOCUSABLE)];
  }
}
