// Whether somebody looks at this page: lists are only kept up to date while that is so.

import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'focus'] as const;
const AWAY_AFTER = 120_000; // ms without any of these

/** The page is shown, and somebody moved or typed lately. */
export class Attention implements IDisposable {
  private readonly turned = new Signal<this, boolean>(this);
  private last = Date.now();
  private timer = 0;
  private there = false;
  isDisposed = false;

  constructor() {
    for (const sign of SIGNS) {
      window.addEventListener(sign, this.onSign, { passive: true, capture: true });
    }
    document.addEventListener('visibilitychange', this.onSign);
    this.onSign();
  }

  get isThere(): boolean {
    return this.there;
  }

  /** Emitted when somebody comes or leaves. */
  get changed(): ISignal<this, boolean> {
    return this.turned;
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.isDisposed = true;
    window.clearTimeout(this.timer);
    for (const sign of SIGNS) {
      window.removeEventListener(sign, this.onSign, { capture: true });
    }
    document.removeEventListener('visibilitychange', this.onSign);
    Signal.clearData(this);
  }

  private readonly onSign = (): void => {
    this.last = Date.now();
    this.turn(document.visibilityState !== 'hidden');
  };

  // One timer that looks how long it is since the last sign: a moving mouse costs a clock's reading.
  private readonly look = (): void => {
    const left = this.last + AWAY_AFTER - Date.now();
    if (left > 0) {
      this.timer = window.setTimeout(this.look, left);
    } else {
      this.turn(false);
    }
  };

  private turn(there: boolean): void {
    if (there === this.there) {
      return;
    }
    this.there = there;
    window.clearTimeout(this.timer);
    if (there) {
      this.timer = window.setTimeout(this.look, AWAY_AFTER);
    }
    this.turned.emit(there);
  }
}
