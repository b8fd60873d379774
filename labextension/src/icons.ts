// The extension's icons: strokes in the theme's colours.

import { LabIcon } from '@jupyterlab/ui-components';

const svg = (paths: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16"><g class="jp-icon3" fill="none" stroke="#616161" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round">${paths}</g></svg>`;

/** A notebook's dot that becomes a model: the sidebar, the launcher. */
export const mlopsIcon = new LabIcon({
  name: 'jupyter-mlops:mlops',
  svgstr: svg('<circle cx="3.2" cy="12.4" r="1.7"/><circle cx="8" cy="3.6" r="1.7"/><circle cx="12.8" cy="12.4" r="1.7"/><path d="M4.1 10.9 7.2 5.1M8.8 5.1l3.1 5.8M4.9 12.4h6.2"/>')
});

/** Tracking: a record button. */
export const trackIcon = new LabIcon({
  name: 'jupyter-mlops:track',
  svgstr: svg('<circle cx="8" cy="8" r="6"/><circle cx="8" cy="8" r="2.4" class="jp-icon3" fill="#616161" stroke="none"/>')
});

/** Export: out of a box. */
export const exportIcon = new LabIcon({
  name: 'jupyter-mlops:export',
  svgstr: svg('<path d="M8 9.5V2M5.2 4.6 8 1.8l2.8 2.8M3 7.5v6.3h10V7.5"/>')
});

/** Serve: a machine that answers. */
export const serveIcon = new LabIcon({
  name: 'jupyter-mlops:serve',
  svgstr: svg('<rect x="2" y="2.5" width="12" height="4.4" rx="1"/><rect x="2" y="9.1" width="12" height="4.4" rx="1"/><path d="M4.6 4.7h.1M4.6 11.3h.1M8 4.7h3.4M8 11.3h3.4"/>')
});

/** Promote: a step up. */
export const promoteIcon = new LabIcon({
  name: 'jupyter-mlops:promote',
  svgstr: svg('<path d="M8 11V2.2M4.8 5.2 8 2l3.2 3.2M3 14h10"/>')
});
