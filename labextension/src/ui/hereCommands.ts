// Commands of context menus: they take their arguments from the row that was clicked.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';

interface HereCommand {
  id: string;
  /** The rows' `data-mlops`; their `data-mlops-args` is JSON. */
  kind: string;
  label: string;
  icon?: LabIcon;
  rank: number;
  isEnabled?: (args: ReadonlyPartialJSONObject) => boolean;
  execute: (args: ReadonlyPartialJSONObject) => unknown;
}

/** Add a command, and an item to the context menu of all rows of a kind in the panel. */
export function addHere(app: JupyterFrontEnd, { id, kind, label, icon, rank, isEnabled, execute }: HereCommand): void {
  const clicked = (): ReadonlyPartialJSONObject | null => {
    const node = app.contextMenuHitTest(each => each.dataset.mlops === kind);
    return node?.dataset.mlopsArgs ? (JSON.parse(node.dataset.mlopsArgs) as ReadonlyPartialJSONObject) : null;
  };
  app.commands.addCommand(id, {
    label,
    caption: label,
    icon,
    describedBy: { args: { type: 'object', properties: {} } },
    isEnabled: () => {
      const args = clicked();
      return args !== null && (isEnabled?.(args) ?? true);
    },
    execute: () => {
      const args = clicked();
      return args && execute(args);
    }
  });
  app.contextMenu.addItem({ command: id, selector: `.jp-mlops-panel [data-mlops="${kind}"]`, rank });
}
