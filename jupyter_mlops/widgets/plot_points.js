// Thousands of points on a canvas. A canvas knows no style sheet: it reads the colours there, and again when they change.

import { make } from "./dom.js";

/** Outlines within 12 by 12 around 0, one for each level, so that nobody depends on the colour. */
export const SHAPES = [
  "M4 0A4 4 0 1 1 -4 0A4 4 0 1 1 4 0Z",
  "M-3.6 -3.6H3.6V3.6H-3.6Z",
  "M0 -4.8L4.6 3.4H-4.6Z",
  "M0 -5.2L5.2 0L0 5.2L-5.2 0Z",
  "M-1.5 -4.6H1.5V-1.5H4.6V1.5H1.5V4.6H-1.5V1.5H-4.6V-1.5H-1.5Z",
  "M0 4.8L4.6 -3.4H-4.6Z",
  "M-4.4 -1.8H4.4V1.8H-4.4Z",
];

export class Points {
  constructor() {
    this.canvas = make("canvas", "mlops-plot-canvas");
    this.canvas.setAttribute("aria-hidden", "true");
    this.probe = make("span", "mlops-plot-probe");
    this.probe.setAttribute("aria-hidden", "true");
    // The style sheet gives the probe's colours a transition of an instant: it tells that the theme changed. Where a
    // theme arrives in pieces, as in JupyterLab, the last transition is cancelled and does not end.
    for (const name of ["transitionend", "transitioncancel"]) {
      this.probe.addEventListener(name, () => requestAnimationFrame(() => this.follow()));
    }
    this.probes = new Map();
    this.used = new Map();
    this.nodes = [this.canvas, this.probe];
  }

  /**
   * `rows` in the order they are painted, after those that are `faint`; by row `x` and `y` (pixels), `look` (a class
   * with a colour) and `shape` (a place in SHAPES); `ticked` (a Set); `size` scales the shapes.
   */
  paint(points, width, height) {
    this.points = points;
    const ratio = globalThis.devicePixelRatio || 1;
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    Object.assign(this.canvas.style, { width: `${width}px`, height: `${height}px` });
    this.ratio = ratio;
    this.repaint();
  }

  /** Paint again if the colours are others now: the theme changed, perhaps while nobody saw it. */
  follow() {
    if ([...this.probes.keys()].some((look) => this.used.get(look) !== this.colour(look))) this.repaint();
  }

  repaint() {
    if (!this.points || !this.canvas.isConnected) return;
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.used = new Map();
    const { rows, faint, ticked, x, y, look, shape } = this.points;
    const stamps = new Map();
    const put = (row, isFaint) => {
      const isTicked = ticked.has(row);
      const key = `${look(row)} ${shape(row)} ${isFaint} ${isTicked}`;
      if (!stamps.has(key)) stamps.set(key, this.stamp(look(row), shape(row), isFaint, isTicked));
      const stamp = stamps.get(key);
      context.drawImage(stamp, Math.round(x[row] * this.ratio - stamp.width / 2), Math.round(y[row] * this.ratio - stamp.height / 2));
    };
    for (const row of faint) put(row, true);
    for (const row of rows) if (!ticked.has(row)) put(row, false);
    for (const row of rows) if (ticked.has(row)) put(row, false);
  }

  /** One point as a small picture, drawn once and put down at every place it is needed. */
  stamp(look, shape, faint, ticked) {
    const stamp = document.createElement("canvas");
    const scale = this.points.size * this.ratio * (ticked ? 1.5 : 1);
    stamp.width = stamp.height = Math.ceil(14 * scale) + 2;
    const context = stamp.getContext("2d");
    context.translate(stamp.width / 2, stamp.height / 2);
    context.scale(scale, scale);
    const path = new Path2D(SHAPES[shape]);
    context.globalAlpha = faint ? 0.22 : 0.85;
    context.fillStyle = this.use(look);
    context.fill(path);
    if (ticked) {
      context.globalAlpha = 1;
      context.lineWidth = 1.4;
      context.strokeStyle = this.use("mlops-plot-ink");
      context.stroke(path);
    }
    return stamp;
  }

  colour(look) {
    return getComputedStyle(this.probeOf(look)).color;
  }

  use(look) {
    this.used.set(look, this.colour(look));
    return this.used.get(look);
  }

  probeOf(look) {
    if (!this.probes.has(look)) {
      const probe = make("span", look);
      this.probes.set(look, probe);
      this.probe.append(probe);
    }
    return this.probes.get(look);
  }
}
