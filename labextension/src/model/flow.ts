// What a dialog of several steps knows. It outlives the dialog: closed and shown again, it is where it was.

import type { TranslationBundle } from '@jupyterlab/translation';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Job, JobRequest } from '../api/rest';
import { endWords } from '../text/jobs';
import type { IMlops } from '../tokens';
import type { FollowedJob } from './jobs';

export abstract class Flow {
  private readonly told = new Signal<this, void>(this);
  /** The job of the step that runs, or ran last. */
  followed: FollowedJob | null = null;

  constructor(
    readonly mlops: IMlops,
    readonly folder: string,
    readonly trans: TranslationBundle
  ) {}

  /** The dialog's title. */
  abstract get title(): string;

  /** How a job ended that nobody looked at, in one line. */
  endWords(job: Job): string {
    return endWords(job, this.title, this.trans);
  }

  /** Emitted when another step is to be shown. */
  get changed(): ISignal<this, void> {
    return this.told;
  }

  get isRunning(): boolean {
    return this.followed !== null && !this.followed.isOver;
  }

  /** Start a job; `ended` is called with its end, and then the dialog follows. */
  protected run(request: JobRequest, ended: (job: Job) => void): void {
    const followed = this.mlops.jobs.start(this.folder, request);
    this.followed = followed;
    this.tell();
    void followed.ended.then(job => {
      ended(job);
      this.tell();
    });
  }

  protected tell(): void {
    this.told.emit();
  }
}
