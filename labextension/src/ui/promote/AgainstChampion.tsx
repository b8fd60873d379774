// What differs from the champion: the measured difference as a picture, and the recorded metrics as a table.

import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import type { Version } from '../../api/rest';
import { differenceOf, numberWords, signedWords } from '../../text/promotion';
import type { Difference, Promoted } from '../../text/promotion';

interface Props {
  promoted: Promoted;
  before: Version | null;
  trans: TranslationBundle;
}

export function AgainstChampion({ promoted, before, trans }: Props): JSX.Element | null {
  const measured = differenceOf(promoted);
  if (!promoted.before || (!measured && !before)) {
    return null;
  }
  const shared = Object.keys(promoted.metrics).filter(name => before && name in before.metrics);
  const rows = [
    ...(measured ? [{ name: trans.__('%1 (same rows)', measured.metric), now: measured.value, then: measured.champion }] : []),
    ...shared.map(name => ({ name, now: promoted.metrics[name], then: before?.metrics[name] ?? null }))
  ];
  return (
    <section>
      <h3 className="jp-mlops-Step-heading">{trans.__('Against version %1', promoted.before)}</h3>
      <table className="jp-mlops-Differences">
        <thead>
          <tr>
            <th scope="col">{trans.__('metric')}</th>
            <th scope="col">{trans.__('version %1', promoted.version)}</th>
            <th scope="col">{trans.__('version %1', promoted.before)}</th>
            <th scope="col">{trans.__('difference')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.name}>
              <th scope="row">{row.name}</th>
              <td>{numberWords(row.now)}</td>
              <td>{numberWords(row.then)}</td>
              <td>{row.now !== null && row.then !== null ? signedWords(row.now - row.then) : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {measured && <Interval measured={measured} trans={trans} />}
    </section>
  );
}

const WIDTH = 560;
const MIDDLE = 15;

/** The interval of the difference, turned so that better is to the right. */
function Interval({ measured, trans }: { measured: Difference; trans: TranslationBundle }): JSX.Element {
  const turn = measured.higherIsBetter ? 1 : -1;
  const [value, allowed] = [turn * measured.difference, measured.allowed === null ? null : turn * measured.allowed];
  const [low, high] = [turn * measured.low, turn * measured.high].sort((a, b) => a - b);
  const reach = Math.max(Math.abs(low), Math.abs(high), Math.abs(value), Math.abs(allowed ?? 0)) || 1;
  const at = (x: number): number => WIDTH / 2 + (x / reach) * (WIDTH / 2 - 8);
  const words = trans.__('Difference of %1: %2, 95 % between %3 and %4.', measured.metric, signedWords(measured.difference), signedWords(measured.low), signedWords(measured.high));
  return (
    <figure className="jp-mlops-Interval">
      <svg viewBox={`0 0 ${WIDTH} 30`} role="img" aria-label={words}>
        <line className="jp-mod-zero" x1={at(0)} x2={at(0)} y1={2} y2={28} />
        {allowed !== null && <line className="jp-mod-allowed" x1={at(allowed)} x2={at(allowed)} y1={2} y2={28} />}
        <line className="jp-mod-range" x1={at(low)} x2={at(high)} y1={MIDDLE} y2={MIDDLE} />
        <circle cx={at(value)} cy={MIDDLE} r={5} />
      </svg>
      <figcaption className="jp-mlops-Quiet">
        {words} {trans.__('Right is better; the line is no difference, dashed is the allowed loss.')}
      </figcaption>
    </figure>
  );
}
