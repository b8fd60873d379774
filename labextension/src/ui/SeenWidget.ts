// A React widget that is drawn again when it is shown or hidden: what it asks depends on that.

import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';

export abstract class SeenWidget extends ReactWidget {
  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  protected onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.update();
  }
}
