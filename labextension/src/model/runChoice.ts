// Which runs of the list are meant: the one the cursor is on, and those that are ticked.

import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Run } from '../api/rest';

export class RunChoice {
  private readonly turned = new Signal<this, void>(this);
  private readonly ticks = new Map<string, Run>();
  private at: Run | null = null;
  /** Of the project they are in, relative to the server's root. */
  folder = '';
  /** Runs that the list knows, to tell names apart. */
  known: readonly (Run | undefined)[] = [];

  get changed(): ISignal<this, void> {
    return this.turned;
  }

  /** The run that the cursor is on. */
  get active(): Run | null {
    return this.at;
  }

  /** The ticked runs, in the order they were ticked. */
  get ticked(): readonly Run[] {
    return [...this.ticks.values()];
  }

  isTicked(run: Run): boolean {
    return this.ticks.has(run.id);
  }

  setActive(run: Run | null): void {
    if (run?.id !== this.at?.id) {
      this.at = run;
      this.turned.emit();
    }
  }

  tick(run: Run, on = !this.isTicked(run)): void {
    if (on) {
      this.ticks.set(run.id, run);
    } else {
      this.ticks.delete(run.id);
    }
    this.turned.emit();
  }

  /** Tick nothing, and leave the cursor nowhere: the list is about another project now. */
  leave(folder: string): void {
    this.folder = folder;
    this.ticks.clear();
    this.at = null;
    this.known = [];
    this.turned.emit();
  }

  untick(): void {
    this.ticks.clear();
    this.turned.emit();
  }
}
