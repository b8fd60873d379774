// Bundles in words: where they go, how large they are, and what serves them.

import type { TranslationBundle } from '@jupyterlab/translation';

/** What `mlops export --json` prints. */
export interface Exported {
  folder: string;
  name: string;
  version: string;
  digest: string;
  files: string[];
  size_bytes: number;
  lock: string;
  engine: string;
  parity: { reason?: string; rows?: number; edge_rows?: number };
}

/** The folder for a version, without characters that shells and systems take for their own. */
export function targetOf(name: string, version: string): string {
  const plain = name.normalize('NFC').replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '');
  return `bundle-${plain.slice(0, 100) || 'model'}-${version}`;
}

/** The shell's words that serve a bundle anywhere. */
export const commandOf = (folder: string): string =>
  `cd ${quoted(folder)} && pip install -r requirements.lock && python serve.py`;

/** One word of a POSIX shell. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replace(/'/g, `'"'"'`)}'`;

export function sizeWords(bytes: number, files: number, trans: TranslationBundle): string {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB'];
  return trans._n('%2 in %1 file', '%2 in %1 files', files, `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`);
}

/** Which engine serves it, and why. */
export function engineWords(bundle: Exported, trans: TranslationBundle): string {
  const { reason, rows, edge_rows } = bundle.parity;
  if (bundle.engine !== 'compiled') {
    return reason ? trans.__('scikit-learn: %1', reason) : trans.__('scikit-learn');
  }
  const compiled = trans.__('compiled: serves without scikit-learn');
  return rows ? trans.__('%1; %2 rows were answered alike', compiled, rows + (edge_rows ?? 0)) : compiled;
}
