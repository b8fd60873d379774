// The runs that match a question, fetched by the page as somebody looks at them.

import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import type { RunList } from './runList';
import { missing, PAGE, withPage } from './runList';
import type { RowWindow } from './rowWindow';

/** Which runs: of a folder's project, of one notebook (a path, null for all), with these words. */
export interface RunQuestion {
  readonly folder: string;
  readonly notebook: string | null;
  readonly search: string;
}

export class RunLister implements IDisposable {
  private readonly told = new Signal<this, void>(this);
  private readonly asked = new Set<number>();
  private seen: RowWindow = { first: 0, last: 0 };
  private question: RunQuestion | null = null;
  /** Null before the first answer. */
  list: RunList | null = null;
  /** Why there is none, or no newer one. */
  problem: Error | null = null;
  /** The list is still the answer to the last question. */
  isLate = false;
  isDisposed = false;

  constructor(private readonly client: Client) {}

  /** Emitted when anything of it has changed. */
  get changed(): ISignal<this, void> {
    return this.told;
  }

  /** Ask something else; the old answer stays until there is another, unless it is about another folder. */
  ask(question: RunQuestion): void {
    if (question.folder !== this.question?.folder) {
      this.list = null;
    }
    this.question = question;
    this.asked.clear();
    this.problem = null;
    this.isLate = this.list !== null;
    this.told.emit();
  }

  /**
   * Fetch anew what is seen, and the newest runs.
   *
   * @throws ProblemError when the server has no answer; `problem` says it, too.
   */
  async refresh(): Promise<void> {
    await this.fetch(0);
    const page = this.seen.first - (this.seen.first % PAGE);
    if (page > 0 && this.list && page < this.list.total) {
      await this.fetch(page);
    }
  }

  /** These rows are seen now: fetch what is not known of them. */
  look(rows: RowWindow): void {
    this.seen = rows;
    if (this.list && !this.isLate) {
      for (const offset of missing(this.list, rows.first, rows.last)) {
        if (!this.asked.has(offset)) {
          // A problem is told by the signal.
          this.fetch(offset).catch(() => undefined);
        }
      }
    }
  }

  dispose(): void {
    this.isDisposed = true;
    Signal.clearData(this);
  }

  private async fetch(offset: number): Promise<void> {
    const question = this.question;
    if (!question) {
      return;
    }
    this.asked.add(offset);
    try {
      const { folder, notebook, search } = question;
      const page = await this.client.runs(folder, { notebook, search, offset, limit: PAGE });
      if (question === this.question) {
        this.list = withPage(this.isLate ? null : this.list, page);
        this.isLate = false;
        this.problem = null;
      }
    } catch (error) {
      if (question === this.question) {
        this.problem = error as Error;
      }
      throw error;
    } finally {
      if (question === this.question && !this.isDisposed) {
        this.asked.delete(offset);
        this.told.emit();
      }
    }
  }
}
