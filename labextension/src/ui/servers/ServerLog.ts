// What a server printed, followed while somebody looks at it.

import type { TranslationBundle } from '@jupyterlab/translation';
import { listIcon } from '@jupyterlab/ui-components';
import { Poll } from '@lumino/polling';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { ProblemError } from '../../api/client';
import { sentence } from '../../text/jobs';

const EVERY = 2000; // ms
const NEAR_THE_END = 24; // px

/** The end of a log; it scrolls along while it is scrolled to its end. */
export class ServerLog extends Widget {
  private readonly text = document.createElement('pre');
  private readonly status = document.createElement('p');
  private poll: Poll | null = null;
  private isOver = false;

  /**
   * @param ask what the server has printed.
   * @param about the server, in words.
   */
  constructor(
    private readonly ask: () => Promise<string>,
    about: string,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-mlops-log');
    this.title.label = trans.__('Log: %1', about);
    this.title.caption = trans.__('What the server of %1 printed', about);
    this.title.icon = listIcon;
    this.title.closable = true;
    this.text.setAttribute('role', 'log');
    this.text.setAttribute('aria-label', this.title.caption);
    this.text.tabIndex = 0;
    this.status.setAttribute('role', 'status');
    this.node.append(this.text, this.status);
  }

  /** The server is being stopped: nobody asks it meanwhile, nor afterwards, unless that failed. */
  async endWith(stopped: Promise<void>): Promise<void> {
    this.rest();
    try {
      await stopped;
      this.end();
    } catch {
      if (this.isVisible) {
        this.follow();
      }
    }
  }

  dispose(): void {
    this.rest();
    super.dispose();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.follow();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.follow();
    }
  }

  protected onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this.rest();
  }

  protected onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message);
    this.rest();
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.text.focus();
  }

  /** What is there stays. */
  private end(): void {
    this.isOver = true;
    this.rest();
    this.tell(null, this.trans.__('The server has ended. This is the last that was read of it.'));
  }

  private follow(): void {
    if (this.isOver) {
      return;
    }
    this.poll ??= new Poll({
      name: 'jupyter-mlops:log',
      standby: 'when-hidden',
      frequency: { interval: EVERY, backoff: true, max: 60_000 },
      factory: () => this.look()
    });
  }

  private rest(): void {
    this.poll?.dispose();
    this.poll = null;
  }

  private async look(): Promise<void> {
    try {
      const found = await this.ask();
      this.tell(found || this.trans.__('It has printed nothing yet.'), '');
    } catch (error) {
      if (error instanceof ProblemError && error.status === 404) {
        this.end();
      } else if (!this.isOver) {
        this.tell(null, words(error));
        throw error; // so that the poll asks less often
      }
    }
  }

  private tell(text: string | null, status: string): void {
    if (this.isDisposed) {
      return;
    }
    this.status.textContent = status;
    this.status.hidden = !status;
    if (text === null || text === this.text.textContent) {
      return;
    }
    const { scrollHeight, scrollTop, clientHeight } = this.text;
    const isAtTheEnd = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    this.text.textContent = text;
    if (isAtTheEnd) {
      this.text.scrollTop = this.text.scrollHeight;
    }
  }
}

const words = (error: unknown): string =>
  error instanceof ProblemError ? `${sentence(error.message)}. ${error.fix}` : String(error);
