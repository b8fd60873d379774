// What running servers said last about the data they see. The panel asks; others on the page read.

import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Alarm } from '../api/rest';

/** The alarms of the folder that the panel shows. Nothing here asks the server. */
export class Alarms {
  private alarms: readonly Alarm[] = [];
  private readonly told = new Signal<this, void>(this);

  /** The last answer; empty before the first. */
  get known(): readonly Alarm[] {
    return this.alarms;
  }

  /** How many servers see data that has drifted. */
  get drifting(): number {
    return this.alarms.filter(alarm => alarm.verdict === 'drift').length;
  }

  /** Emitted when the answer is another one. */
  get changed(): ISignal<this, void> {
    return this.told;
  }

  /** Take an answer of the server; none for a folder that was not asked about yet. */
  tell(alarms: readonly Alarm[]): void {
    if (JSON.stringify(alarms) !== JSON.stringify(this.alarms)) {
      this.alarms = alarms;
      this.told.emit();
    }
  }
}
