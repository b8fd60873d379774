// Serving a model: one job, and where it answers then.

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job } from '../../api/rest';
import { Flow } from '../../model/flow';
import type { IMlops } from '../../tokens';

/** What `mlops serve --json` prints. */
export interface Served {
  name: string;
  version: string;
  url: string;
  curl: string;
}

export class ServeFlow extends Flow {
  served: Served | null = null;

  /** @param model - a version, or a bundle's folder. */
  constructor(mlops: IMlops, folder: string, trans: TranslationBundle, readonly model: string) {
    super(mlops, folder, trans);
    this.start();
  }

  get title(): string {
    return this.trans.__('Serve %1', this.model);
  }

  endWords(job: Job): string {
    const served = job.result as Served | null;
    return served
      ? this.trans.__('%1 version %2 is served at %3.', served.name, served.version, served.url)
      : super.endWords(job);
  }

  start(): void {
    this.served = null;
    this.run({ verb: 'serve', model: this.model }, job => {
      this.served = job.result as Served | null;
    });
  }
}
