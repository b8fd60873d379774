// How tracking is told in words.

import type { TranslationBundle } from '@jupyterlab/translation';

import type { LiveModel } from '../model/live';

type Told = Pick<LiveModel, 'tracking' | 'runsWaiting' | 'problem'>;

/** On the switch and in the status bar. */
export function trackingLabel(model: Told, trans: TranslationBundle): string {
  switch (model.tracking) {
    case 'on':
      return trans.__('Tracking on');
    case 'catching up':
      return trans._n('Catching up: %1 run', 'Catching up: %1 runs', model.runsWaiting);
    default:
      return trans.__('Tracking off');
  }
}

/** What a click does, and what went wrong. */
export function trackingCaption(model: Told, trans: TranslationBundle): string {
  const action =
    model.tracking === 'unknown'
      ? trans.__('No kernel to track')
      : model.tracking === 'off'
        ? trans.__('Track this notebook: cells that fit or measure a model become runs')
        : trans.__('Stop tracking this notebook; what was recorded stays');
  return model.problem ? `${model.problem}\n${action}` : action;
}
