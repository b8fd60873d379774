// The notebook toolbar's switch: tracking is off, on, or catching up. A word says it, not the colour alone.

import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget, ToolbarButtonComponent, UseSignal } from '@jupyterlab/ui-components';
import * as React from 'react';

import { trackIcon } from '../icons';
import type { LiveModel } from '../model/live';
import { trackingCaption, trackingLabel } from '../text/tracking';

export class TrackingSwitch extends ReactWidget {
  constructor(
    private readonly model: LiveModel,
    private readonly trans: TranslationBundle,
    private readonly onFailed: (error: Error) => void
  ) {
    super();
    this.addClass('jp-mlops-switch');
  }

  protected render(): JSX.Element {
    return (
      <UseSignal signal={this.model.trackingChanged}>
        {() => {
          const tracking = this.model.tracking;
          this.node.dataset.tracking = tracking;
          return (
            <ToolbarButtonComponent
              icon={trackIcon}
              label={trackingLabel(this.model, this.trans)}
              tooltip={trackingCaption(this.model, this.trans)}
              pressed={tracking === 'on' || tracking === 'catching up'}
              enabled={tracking !== 'unknown'}
              onClick={() => {
                this.model.turn(tracking === 'off').catch(this.onFailed);
              }}
            />
          );
        }}
      </UseSignal>
    );
  }
}
