// Servers and bundles in words. Nothing here needs a page.

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Bundle, Server } from '../api/rest';
import { quoted } from './bundles';
import { plain } from './runs';

/** The model of a server or a bundle. */
export const modelWords = (of: Pick<Server, 'name' | 'version'>, trans: TranslationBundle): string =>
  trans.__('%1 version %2', plain(of.name), plain(of.version, 20));

/** What scores, as people say it; empty where it is not known. */
export function engineWords(engine: string, trans: TranslationBundle): string {
  switch (engine) {
    case '':
      return '';
    case 'compiled':
      return trans.__('compiled');
    case 'sklearn':
      return trans.__('scikit-learn');
    default:
      return plain(engine, 20);
  }
}

/** The address without what every address has. */
export const shortAddress = (url: string): string => url.replace(/^https?:\/\//, '').replace(/\/$/, '');

/** The port at the end of an address; null where there is none. */
export function portOf(url: string): number | null {
  const found = /:(\d{1,5})\/?$/.exec(url);
  return found ? Number(found[1]) : null;
}

/** Bytes in the largest unit that gives a number of one or more. */
export function sizeWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let at = 0;
  let size = bytes;
  while (size >= 999.5 && at < units.length - 1) {
    size /= 1000;
    at += 1;
  }
  return `${Number(size.toPrecision(3))} ${units[at]}`;
}

/** Enough of a digest to tell it from others by eye. */
export const shortDigest = (digest: string): string => digest.slice(0, 12);

/** What to type in a shell, in the project's folder, to serve a bundle. */
export const serveCommand = (bundle: Pick<Bundle, 'path'>): string =>
  `mlops serve ${quoted(bundle.path.startsWith('-') ? `./${bundle.path}` : bundle.path)}`;
