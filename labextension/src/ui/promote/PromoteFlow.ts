// Promoting: what is promoted as what, the work, and the gates' answer; overridden only by a typed reason.

import type { TranslationBundle } from '@jupyterlab/translation';

import { problemOf } from '../../api/problems';
import type { Job, Problem, PromoteJob, Run, Version } from '../../api/rest';
import { chooseVersion, referenceOf, suggestName } from '../../model/choice';
import { Flow } from '../../model/flow';
import { runIdsOf } from '../../model/runs';
import { headline } from '../../text/promotion';
import type { Promoted } from '../../text/promotion';
import type { IMlops } from '../../tokens';

const RUN_ID = /^[0-9a-f]{32}$/;

export type PromoteStep = 'looking' | 'nothing' | 'asking' | 'promoting' | 'answered' | 'ended';
export type Alias = 'champion' | 'challenger';

export interface Wanted {
  /** A run's id or name; null for the notebook's last one. */
  run: string | null;
  /** `NAME/VERSION`, judged again instead of made again. */
  model: string | null;
  /** The notebook, relative to the server's root. */
  notebook: string | null;
  /** Names of its runs that no list has yet, the newest first: promoting waits for them. */
  waiting: readonly string[];
}

export class PromoteFlow extends Flow {
  step: PromoteStep = 'looking';
  /** Runs to choose from, the newest first. */
  runs: Pick<Run, 'id' | 'name'>[] = [];
  /** Names of registered models. */
  names: string[] = [];
  runId = '';
  name = '';
  alias: Alias = 'champion';
  problem: Problem | null = null;
  promoted: Promoted | null = null;
  /** The version that the alias named before, to compare with. */
  before: Version | null = null;

  constructor(mlops: IMlops, folder: string, trans: TranslationBundle, readonly wanted: Wanted) {
    super(mlops, folder, trans);
    this.runId = wanted.run ?? '';
    void this.look();
  }

  get title(): string {
    return this.promoted
      ? this.trans.__('Promote %1', referenceOf(this.promoted))
      : this.trans.__('Promote %1', this.wanted.model ?? this.runName);
  }

  /** Find what can be promoted, and the name to offer. */
  async look(): Promise<void> {
    this.show('looking');
    const { client } = this.mlops;
    const { notebook, model, waiting } = this.wanted;
    const asked = this.runId;
    try {
      const { versions } = await client.models(this.folder);
      this.names = [...new Set(versions.map(version => version.name))];
      const known = versions.find(version => referenceOf(version) === model);
      this.alias = known?.aliases.includes('champion') ? 'challenger' : this.alias;
      if (!model) {
        const page = await client.runs(this.folder, { notebook, limit: 100 });
        const late = waiting.filter(name => !page.runs.some(each => each.name === name));
        this.runs = [...late.map(name => ({ id: name, name })), ...page.runs];
        const wanted = this.runs.find(each => each.id === asked || each.name === asked);
        if (!wanted && RUN_ID.test(asked)) {
          const card = await client.run(this.folder, asked);
          this.runs = [{ id: asked, name: card.name }, ...this.runs];
        }
        this.runId = wanted?.id ?? this.runs.find(each => each.id === asked)?.id ?? this.runs[0]?.id ?? '';
        const ids = notebook === null ? null : await runIdsOf(client, this.folder, notebook);
        this.name = this.name || suggestName(ids ? chooseVersion(versions, ids).versions : [], notebook ?? '');
      }
    } catch (error) {
      this.fail(error);
      return;
    }
    this.show(model || this.runId ? 'asking' : 'nothing');
  }

  /** Promote what was chosen. */
  start(): void {
    const { model } = this.wanted;
    this.go({ model: model ?? this.runId, name: model ? null : this.name.trim() });
  }

  /** Judge the registered version again, with what was missing. */
  override(reason: string, approveBy: string): void {
    if (this.promoted) {
      this.go({
        model: referenceOf(this.promoted),
        name: null,
        ...(reason ? { reason } : {}),
        ...(approveBy ? { approveBy } : {})
      });
    }
  }

  /** Take another run. */
  choose(runId: string): void {
    this.runId = runId;
    this.tell();
  }

  endWords(job: Job): string {
    return job.result ? headline(job.result as Promoted, this.trans) : super.endWords(job);
  }

  private get runName(): string {
    return this.runs.find(each => each.id === this.runId)?.name ?? this.trans.__('Model');
  }

  private go(order: Pick<PromoteJob, 'model' | 'name' | 'reason' | 'approveBy'>): void {
    this.step = 'promoting';
    this.problem = null;
    this.run({ verb: 'promote', alias: this.alias, ...order }, job => {
      this.problem = job.problem;
      this.promoted = (job.result as Promoted | null) ?? this.promoted;
      this.step = this.promoted ? 'answered' : 'ended';
      void this.compare();
    });
  }

  /** Look up the version that was there before; without it the figures of the gates say enough. */
  private async compare(): Promise<void> {
    const { promoted } = this;
    if (promoted?.before) {
      const list = await this.mlops.client.models(this.folder).catch(() => null);
      this.before = list?.versions.find(each => each.name === promoted.name && each.version === promoted.before) ?? null;
      this.tell();
    }
  }

  private fail(error: unknown): void {
    this.problem = problemOf(error);
    this.show('ended');
  }

  private show(step: PromoteStep): void {
    this.step = step;
    this.tell();
  }
}
