// Long work that this page started: followed to its end, whether or not somebody looks, also when it is loaded again.

import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Client } from '../api/client';
import { isOver, patiently, runJob } from '../api/jobs';
import { isGone, problemOf } from '../api/problems';
import type { Job, JobRequest } from '../api/rest';

const KEPT = 'jupyter-mlops:jobs';

/** One job from its start to its end. What could not even begin has failed, too: there is one way to end. */
export class FollowedJob {
  private readonly told = new Signal<this, Job>(this);
  private readonly wanted = new AbortController();
  private lost = false;
  job: Job;
  readonly ended: Promise<Job>;

  constructor(client: Client, job: Job, begin: () => Promise<Job>) {
    this.job = job;
    this.ended = this.follow(client, begin);
  }

  /** Emitted with each change, also the last. */
  get changed(): ISignal<this, Job> {
    return this.told;
  }

  get isOver(): boolean {
    return isOver(this.job);
  }

  /** True when the server did not say how it ended: it may go on. */
  get isLost(): boolean {
    return this.lost;
  }

  /** True from the wish to stop it until it has stopped. */
  get isStopping(): boolean {
    return this.wanted.signal.aborted && !this.isOver;
  }

  cancel(): void {
    this.wanted.abort();
    this.told.emit(this.job);
  }

  private async follow(client: Client, begin: () => Promise<Job>): Promise<Job> {
    try {
      await runJob(client, begin, job => this.tell(job), this.wanted.signal);
    } catch (error) {
      this.lost = !isGone(error);
      this.tell({ ...this.job, status: 'failed', said: '', problem: problemOf(error) });
    }
    return this.job;
  }

  private tell(job: Job): void {
    this.job = job;
    this.told.emit(job);
  }
}

/** The jobs of this page. `tab` is kept when the page is loaded again, and goes with the browser's tab. */
export class Jobs {
  private readonly told = new Signal<this, Job>(this);
  private atRisk: string[] = [];

  constructor(private readonly client: Client, private readonly tab: Storage) {}

  /** Emitted when a job has ended, however: what lists show may be another now. */
  get changed(): ISignal<this, Job> {
    return this.told;
  }

  /** Begin one in the project of a folder. */
  start(folder: string, request: JobRequest): FollowedJob {
    return this.follow(unstarted(request), () => this.client.startJob(folder, request));
  }

  /** The page may be on its way out. It still hears of ends, and nobody reads them. */
  leaving(): void {
    this.atRisk = this.kept();
  }

  /** The page is gone: what ended on the way out was told to nobody. */
  left(): void {
    this.atRisk.forEach(id => this.keep(id, true));
  }

  /** Follow again what went on while the page was loaded again, or ended meanwhile. */
  async resume(): Promise<FollowedJob[]> {
    const found: FollowedJob[] = [];
    for (const id of this.kept()) {
      try {
        const job = await patiently(() => this.client.job(id));
        found.push(this.follow(job, () => Promise.resolve(job)));
      } catch (error) {
        this.keep(id, !isGone(error)); // a server that was started again knows nothing of it
      }
    }
    return found;
  }

  private follow(first: Job, begin: () => Promise<Job>): FollowedJob {
    const followed = new FollowedJob(this.client, first, begin);
    followed.changed.connect((_, job) => this.keep(job.id, !isOver(job) || followed.isLost));
    void followed.ended.then(job => this.told.emit(job));
    return followed;
  }

  private keep(id: string, isWanted: boolean): void {
    const kept = this.kept();
    if (id && kept.includes(id) !== isWanted) {
      const others = kept.filter(each => each !== id);
      this.tab.setItem(KEPT, JSON.stringify(isWanted ? [...others, id] : others));
    }
  }

  private kept(): string[] {
    return (JSON.parse(this.tab.getItem(KEPT) ?? '[]') as string[]).filter(id => /^\w+$/.test(id));
  }
}

function unstarted(request: JobRequest): Job {
  const about = request.verb === 'reproduce' ? request.run : request.model;
  return { id: '', verb: request.verb, about, status: 'waiting', share: null, said: '', result: null, problem: null };
}
