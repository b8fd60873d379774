// Exporting a bundle: which version, whether one is replaced, the work, and the bundle that came of it.

import type { TranslationBundle } from '@jupyterlab/translation';

import { problemOf } from '../../api/problems';
import type { Bundle, Problem, Version } from '../../api/rest';
import { chooseVersion, referenceOf } from '../../model/choice';
import { Flow } from '../../model/flow';
import { runIdsOf } from '../../model/runs';
import { targetOf } from '../../text/bundles';
import type { Exported } from '../../text/bundles';
import type { IMlops } from '../../tokens';
import type { Served } from '../serve/ServeFlow';

/** What the dialog shows now. */
export type ExportStep = 'looking' | 'choosing' | 'nothing' | 'replacing' | 'exporting' | 'exported' | 'ended';

export interface Wanted {
  /** `NAME/VERSION`; null for that of the notebook. */
  model: string | null;
  /** The notebook, relative to the server's root. */
  notebook: string | null;
}

export class ExportFlow extends Flow {
  step: ExportStep = 'looking';
  versions: Version[] = [];
  model = '';
  target = '';
  /** The bundle that would be replaced. */
  there: Bundle | null = null;
  problem: Problem | null = null;
  exported: Exported | null = null;
  served: Served | null = null;

  constructor(mlops: IMlops, folder: string, trans: TranslationBundle, readonly wanted: Wanted) {
    super(mlops, folder, trans);
    void this.look();
  }

  get title(): string {
    return this.model ? this.trans.__('Export %1', this.model) : this.trans.__('Export Bundle');
  }

  /** Find the version that is meant. */
  async look(): Promise<void> {
    this.show('looking');
    try {
      if (this.wanted.model) {
        await this.take(this.wanted.model);
        return;
      }
      const { client } = this.mlops;
      const models = await client.models(this.folder);
      const { notebook } = this.wanted;
      const runs = notebook === null ? null : await runIdsOf(client, this.folder, notebook);
      const choice = chooseVersion(models.versions, runs);
      this.versions = choice.versions;
      if (choice.pick) {
        await this.take(referenceOf(choice.pick));
      } else {
        this.show(choice.versions.length ? 'choosing' : 'nothing');
      }
    } catch (error) {
      this.fail(error);
    }
  }

  /** Export this version, or ask first if its bundle is there already. */
  async take(model: string): Promise<void> {
    const cut = model.lastIndexOf('/');
    this.model = model;
    this.target = targetOf(model.slice(0, cut), model.slice(cut + 1));
    this.show('looking');
    try {
      const { bundles } = await this.mlops.client.bundles(this.folder);
      this.there = bundles.find(bundle => bundle.path === this.target) ?? null;
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.there) {
      this.show('replacing');
    } else {
      this.export(false);
    }
  }

  export(force: boolean): void {
    this.step = 'exporting';
    this.problem = this.exported = this.served = null;
    this.run({ verb: 'export', model: this.model, target: this.target, force }, job => {
      this.exported = job.result as Exported | null;
      this.problem = job.problem;
      this.step = this.exported ? 'exported' : 'ended';
    });
  }

  /** Start a server of the bundle. */
  serve(): void {
    this.problem = null;
    this.run({ verb: 'serve', model: this.target }, job => {
      this.served = job.result as Served | null;
      this.problem = job.problem;
    });
  }

  /** Offer the other versions. */
  choose(): void {
    this.show('choosing');
  }

  private show(step: ExportStep): void {
    this.step = step;
    this.tell();
  }

  private fail(error: unknown): void {
    this.problem = problemOf(error);
    this.show('ended');
  }
}
