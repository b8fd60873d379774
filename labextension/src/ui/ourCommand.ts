// What all commands of this extension have in common, and what many are told.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';

import type { IMlops } from '../tokens';

type Options = Parameters<JupyterFrontEnd['commands']['addCommand']>[1];

interface OurCommand extends Omit<Options, 'icon' | 'describedBy'> {
  icon: LabIcon;
  /** The arguments it takes, as JSON schema has properties. */
  takes?: ReadonlyJSONObject;
}

/** Add a command that says what it takes, and list it in the palette, where names stand without icons. */
export function addCommand(
  { commands }: JupyterFrontEnd,
  palette: ICommandPalette | null,
  command: string,
  { icon, takes = {}, ...options }: OurCommand
): void {
  commands.addCommand(command, {
    ...options,
    icon: args => (args['isPalette'] ? undefined : icon),
    describedBy: { args: { type: 'object', properties: takes } }
  });
  palette?.addItem({ command, category: 'MLOps', args: { isPalette: true } });
}

/** The argument `folder` of a command. */
export const takesFolder = (trans: TranslationBundle): ReadonlyJSONObject => ({
  folder: { type: 'string', description: trans.__('A folder of the project; that of the current notebook if left out') }
});

/** An argument that is a text; undefined if it was left out. */
export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The folder that is meant. */
export const folderIn = (args: ReadonlyPartialJSONObject, mlops: IMlops): string => textOf(args['folder']) ?? mlops.notebooks.folder;
