// The status bar's item: whether the current notebook is tracked, and known alarms. A click opens the panel.

import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import { Signal } from '@lumino/signaling';
import * as React from 'react';

import type { Alarms } from '../model/alarms';
import type { LiveModel } from '../model/live';
import type { Notebooks } from '../model/notebooks';
import { trackingLabel } from '../text/tracking';

export class TrackingStatus extends ReactWidget {
  private model: LiveModel | null = null;
  /** Emitted when there is a notebook to tell about, or no more. */
  readonly activeChanged = new Signal<this, void>(this);

  constructor(
    private readonly notebooks: Notebooks,
    private readonly alarms: Alarms,
    private readonly trans: TranslationBundle,
    private readonly onClick: () => void
  ) {
    super();
    this.addClass('jp-mlops-status-bar');
    notebooks.currentChanged.connect(this.onNotebook, this);
    alarms.changed.connect(this.update, this);
    this.onNotebook(notebooks, notebooks.current);
  }

  get isActive(): boolean {
    return this.model !== null;
  }

  dispose(): void {
    this.notebooks.currentChanged.disconnect(this.onNotebook, this);
    this.alarms.changed.disconnect(this.update, this);
    this.model?.trackingChanged.disconnect(this.update, this);
    super.dispose();
  }

  protected render(): JSX.Element | null {
    if (!this.model) {
      return null;
    }
    const { drifting } = this.alarms;
    const alarms = drifting > 0 ? ` · ${this.trans._n('%1 drift alarm', '%1 drift alarms', drifting)}` : '';
    return (
      <button
        type="button"
        className="jp-StatusBar-TextItem"
        title={this.model.problem ?? this.trans.__('Open the MLOps panel')}
        onClick={this.onClick}
      >
        {trackingLabel(this.model, this.trans) + alarms}
      </button>
    );
  }

  private onNotebook(_: Notebooks, panel: NotebookPanel | null): void {
    this.model?.trackingChanged.disconnect(this.update, this);
    this.model = panel && this.notebooks.live(panel);
    this.model?.trackingChanged.connect(this.update, this);
    this.activeChanged.emit();
    this.update();
  }
}
