// The panel in the left sidebar: what is known of the current notebook's project, in sections.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { mlopsIcon } from '../../icons';
import { Attention } from '../../model/attention';
import type { PanelState } from '../../model/panelState';
import type { IMlops } from '../../tokens';
import { SeenWidget } from '../SeenWidget';
import { SECTIONS } from './sections';
import { PanelContext } from './usePanelState';

export const PANEL = 'jp-mlops-panel';

export class MlopsPanel extends SeenWidget {
  private readonly attention = new Attention();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly mlops: IMlops,
    private readonly state: PanelState,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.id = PANEL;
    this.addClass(PANEL);
    this.title.icon = mlopsIcon;
    this.title.caption = trans.__('MLOps: runs, models, servers');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('MLOps'));
    this.attention.changed.connect(this.update, this);
    mlops.notebooks.currentChanged.connect(this.update, this);
  }

  dispose(): void {
    this.mlops.notebooks.currentChanged.disconnect(this.update, this);
    this.attention.dispose();
    super.dispose();
  }

  protected render(): JSX.Element {
    const content = {
      mlops: this.mlops,
      app: this.app,
      trans: this.trans,
      folder: this.mlops.notebooks.folder,
      visible: this.isVisible && this.attention.isThere
    };
    return (
      <PanelContext.Provider value={this.state}>
        {SECTIONS.map((Content, at) => (
          <Content key={at} {...content} />
        ))}
      </PanelContext.Provider>
    );
  }
}
