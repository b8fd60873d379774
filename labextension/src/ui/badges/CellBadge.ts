// The badge in a cell's prompt gutter: plain elements, because a notebook may have hundreds.

import type { CodeCell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import { editIcon, historyIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';

import { badgeTitle, type KeptRun, shortMetric, shortName } from '../../text/badges';

const BADGED = 'jp-mlops-badged';

export class CellBadge implements IDisposable {
  private readonly node = document.createElement('button');
  isDisposed = false;

  constructor(
    private readonly cell: CodeCell,
    private readonly trans: TranslationBundle,
    onOpen: () => void
  ) {
    this.node.className = 'jp-mlops-badge';
    this.node.type = 'button';
    // Else the notebook begins to select cells, and the editor loses the focus.
    this.node.addEventListener('mousedown', event => event.preventDefault());
    this.node.addEventListener('click', onOpen);
    // In long notebooks a cell's parts are made when it comes into view.
    void cell.ready.then(() => this.attach());
  }

  /** Show a run and what is to be known about it. */
  show(run: KeptRun, isEdited: boolean, stale: readonly string[]): void {
    const parts = [line('jp-mlops-badge-name', shortName(run.name))];
    if (run.metric) {
      parts.push(line('jp-mlops-badge-metric', shortMetric(run.metric)));
    }
    if (isEdited) {
      parts.push(mark(editIcon, this.trans.__('edited'), 'edited'));
    }
    if (stale.length) {
      parts.push(mark(historyIcon, this.trans.__('stale'), 'stale'));
    }
    // What is seen is also its name for a screen reader (one that says other words has a barrier of its own), the
    // title its description.
    this.node.replaceChildren(...parts.flatMap(part => [part, ' ']));
    this.node.title = badgeTitle(run, isEdited, stale, this.trans);
  }

  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this.node.remove();
      this.cell.inputArea?.removeClass(BADGED);
    }
  }

  private attach(): void {
    const area = this.isDisposed || this.cell.isDisposed ? null : this.cell.inputArea;
    area?.addClass(BADGED);
    area?.node.append(this.node);
  }
}

function line(name: string, text: string): HTMLElement {
  const node = document.createElement('span');
  node.className = name;
  node.textContent = text;
  return node;
}

function mark(icon: LabIcon, word: string, kind: string): HTMLElement {
  const node = line('jp-mlops-badge-mark', '');
  node.dataset.mark = kind;
  node.append(icon.element({ tag: 'span', height: '10px', width: '10px' }), word);
  return node;
}
