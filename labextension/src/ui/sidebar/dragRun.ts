// A run dragged into a notebook becomes a cell that shows it.

import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

/** What notebooks take cells as. */
const CELLS = 'application/vnd.jupyter.cells';
const FAR = 5; // pixels after which a press is a drag

/**
 * Follow a press of the pointer on a run, and drag a cell once it has moved.
 *
 * @returns whether it became a drag, for what comes after (a click of the same press).
 */
export function dragRun(press: PointerEvent, label: string, line: string): { readonly isDrag: () => boolean } {
  let isDrag = false;
  const end = (): void => {
    document.removeEventListener('pointermove', move, true);
    document.removeEventListener('pointerup', end, true);
    document.removeEventListener('pointercancel', end, true);
  };
  const move = (event: PointerEvent): void => {
    if (Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) < FAR) {
      return;
    }
    end();
    isDrag = true;
    const mimeData = new MimeData();
    mimeData.setData(CELLS, [{ cell_type: 'code', source: line, metadata: {}, outputs: [], execution_count: null }]);
    mimeData.setData('text/plain', line);
    const drag = new Drag({
      mimeData,
      dragImage: image(label),
      supportedActions: 'copy-move',
      proposedAction: 'copy'
    });
    void drag.start(event.clientX, event.clientY).then(() => drag.dispose());
  };
  document.addEventListener('pointermove', move, true);
  document.addEventListener('pointerup', end, true);
  document.addEventListener('pointercancel', end, true);
  return { isDrag: () => isDrag };
}

function image(label: string): HTMLElement {
  const node = document.createElement('div');
  node.className = 'jp-mlops-dragged';
  node.textContent = label;
  return node;
}
