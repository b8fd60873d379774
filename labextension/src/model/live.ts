// What the kernel tells of its notebook while it runs (jupyter_mlops/tracking/live.py), as a model of the page.

import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { CommsOverSubshells } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

const TARGET = 'jupyter-mlops';
const AGAIN = 1500; // ms between two looks while runs wait for MLflow
const LOST = 5000; // ms after which a comm that was not answered is given up

/** The last execution of a cell, as the kernel knows it. */
export interface CellState {
  serial: number;
  status: 'ok' | 'error' | 'interrupted';
  run: string | null;
  run_id: string | null;
  metric: string | null;
  /** Of the text that ran (`hashOf`); null if it is no longer known. */
  source: string | null;
  stale: string[];
}

export type Tracking = 'unknown' | 'off' | 'on' | 'catching up';

/** One notebook's kernel: whether it tracks, and what its cells gave. Survives restarts of the kernel. */
export class LiveModel implements IDisposable {
  private comm: Kernel.IComm | null = null;
  private isAnswered = false;
  private openedAt: number | null = null;
  private isRunning = false;
  private mayKnowUs = false;
  private kernel: Kernel.IKernelConnection | null = null;
  private timer = 0;
  private isOn: boolean | null = null;
  private waiting = 0;
  private readonly told = new Signal<this, string[]>(this);
  private readonly switched = new Signal<this, void>(this);
  problem: string | null = null;
  readonly cells = new Map<string, CellState>();
  isDisposed = false;

  constructor(private readonly session: ISessionContext) {
    session.kernelChanged.connect(this.onKernel, this);
    session.statusChanged.connect(this.onStatus, this);
    session.iopubMessage.connect(this.onMessageOfKernel, this);
    this.onKernel();
  }

  get tracking(): Tracking {
    if (this.isOn === null) {
      return this.kernel ? 'off' : 'unknown';
    }
    return !this.isOn ? 'off' : this.waiting > 0 ? 'catching up' : 'on';
  }

  /** How many runs wait for MLflow. */
  get runsWaiting(): number {
    return this.waiting;
  }

  /** Emitted when tracking, the number that wait, or the problem has changed. */
  get trackingChanged(): ISignal<this, void> {
    return this.switched;
  }

  /** Emitted with the ids of the cells that have changed. */
  get cellsChanged(): ISignal<this, string[]> {
    return this.told;
  }

  /** Turn tracking on or off, loading the extension into the kernel first if it is not there. */
  async turn(on: boolean): Promise<void> {
    // Not within a capture of the output: while that lasts ipykernel fails to dispatch what comes by a subshell.
    const code = [
      'get_ipython().run_line_magic("load_ext", "jupyter_mlops")',
      `get_ipython().run_line_magic("mlops", "track ${on ? 'on' : 'off'}")`,
      'None' // nothing is shown
    ].join('\n');
    const future = this.kernel?.requestExecute({ code, silent: false, store_history: false, stop_on_error: false });
    if (!future) {
      throw new Error('this notebook has no kernel');
    }
    const reply = await future.done;
    if (reply.content.status !== 'ok') {
      throw new Error('jupyter-mlops is not installed in this kernel');
    }
    await this.greet();
    this.look();
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.isDisposed = true;
    window.clearTimeout(this.timer);
    this.leave();
    Signal.clearData(this);
  }

  private onStatus(): void {
    const status = this.session.session?.kernel?.status;
    if (status === 'restarting' || status === 'autorestarting' || status === 'dead') {
      this.forget();
    } else if (status === 'idle' && this.mayKnowUs) {
      void this.greet();
    }
  }

  private onKernel(): void {
    this.leave();
    this.forget();
    this.kernel = this.session.session?.kernel ?? null;
    if (!this.kernel) {
      return;
    }
    this.kernel.connectionStatusChanged.connect(this.onConnection, this);
    void this.greet();
  }

  private onConnection(): void {
    if (this.kernel?.connectionStatus === 'connected') {
      void this.greet();
    }
  }

  /** Our extension may be loaded by any cell that names it: then the kernel is asked when it is idle. */
  private onMessageOfKernel(_: unknown, message: KernelMessage.IMessage): void {
    if (message.header.msg_type === 'execute_input') {
      const { code } = (message as KernelMessage.IExecuteInputMsg).content;
      this.mayKnowUs = this.mayKnowUs || code.includes('mlops');
    } else if (message.header.msg_type === 'status') {
      const isOfCell = (message.parent_header as { msg_type?: string }).msg_type === 'execute_request';
      if (isOfCell) {
        this.isRunning = (message as KernelMessage.IStatusMsg).content.execution_state === 'busy';
        this.lookSoon();
      }
    } else if (message.header.msg_type === 'comm_msg') {
      const data = (message as KernelMessage.ICommMsgMsg<'iopub'>).content.data as { type?: string; target?: string };
      if (data.type === 'here' && data.target === TARGET && this.kernel?.handleComms) {
        void this.listen(this.kernel);
      }
    }
  }

  /** Open a comm to a kernel that knows us. One that does not is not asked twice for nothing. */
  private async greet(): Promise<void> {
    const kernel = this.kernel;
    this.mayKnowUs = false;
    if (!kernel || !kernel.handleComms || this.isHeard) {
      return;
    }
    const reply = await kernel.requestCommInfo({ target_name: TARGET }).catch(() => null);
    const knowsUs = reply?.content.status === 'ok' && Object.keys(reply.content.comms).length > 0;
    if (knowsUs && kernel === this.kernel && !this.isDisposed) {
      await this.listen(kernel);
    }
  }

  /** The comm is open, or about to be. One that was never answered was opened while the kernel could not hear it. */
  private get isHeard(): boolean {
    const isLost = !this.isAnswered && this.openedAt !== null && Date.now() - this.openedAt > LOST;
    return this.comm !== null && !this.comm.isDisposed && !isLost;
  }

  /** Open a comm, in a subshell where the kernel has them: it is answered while cells run. */
  private async listen(kernel: Kernel.IKernelConnection): Promise<void> {
    if (this.isHeard) {
      return;
    }
    const comm = kernel.createComm(TARGET);
    this.comm = comm;
    this.isAnswered = false;
    this.openedAt = null;
    comm.onMsg = message => this.onMessage(message.content.data as unknown as Message);
    comm.onClose = () => {
      if (this.comm === comm) {
        this.comm = null;
      }
    };
    await kernel.info;
    if (kernel.supportsSubshells && comm.commsOverSubshells !== CommsOverSubshells.Disabled) {
      const { subshellStarted } = comm as { subshellStarted?: Promise<void> };
      await subshellStarted?.catch(() => undefined);
    }
    if (this.comm === comm && !comm.isDisposed && !kernel.isDisposed) {
      this.openedAt = Date.now();
      comm.open({});
    }
  }

  private onMessage(message: Message): void {
    this.isAnswered = true;
    if (message.type === 'state') {
      this.isOn = message.tracking;
      this.waiting = message.waiting;
      this.problem = message.problem;
      this.switched.emit();
      this.lookSoon();
    } else if (message.type === 'cells') {
      for (const [id, cell] of Object.entries(message.cells)) {
        this.cells.set(id, cell);
      }
      this.told.emit(Object.keys(message.cells));
    }
  }

  /** While runs wait for MLflow, also one of a cell that was tracked alone. */
  private lookSoon(): void {
    window.clearTimeout(this.timer);
    if (this.waiting > 0) {
      this.timer = window.setTimeout(() => this.look(), AGAIN);
    }
  }

  /** Ask, but not while a cell runs: the kernel tells after it, and within `%%capture` it could not be asked. */
  private look(): void {
    if (document.visibilityState === 'hidden') {
      document.addEventListener('visibilitychange', () => this.look(), { once: true });
    } else if (!this.isDisposed && !this.isRunning && this.isAnswered) {
      this.comm?.send({ ask: 'state' });
    }
  }

  private leave(): void {
    if (this.kernel && !this.kernel.isDisposed) {
      this.kernel.connectionStatusChanged.disconnect(this.onConnection, this);
    }
    if (this.comm) {
      this.comm.onMsg = () => undefined;
      this.comm.onClose = () => undefined;
    }
    this.comm = null;
    this.kernel = null;
  }

  private forget(): void {
    const known = [...this.cells.keys()];
    this.cells.clear();
    this.isOn = null;
    this.waiting = 0;
    this.isRunning = false;
    this.problem = null;
    this.switched.emit();
    this.told.emit(known);
  }
}

type Message =
  | { type: 'state'; tracking: boolean; waiting: number; problem: string | null }
  | { type: 'cells'; cells: Record<string, CellState> };
