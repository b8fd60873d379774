// What the left panel remembers: which sections are folded, and whose runs are listed.

import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { RunChoice } from './runChoice';

export type Scope = 'notebook' | 'project';

/** Kept in the panel's settings where the page has a registry, else for as long as the page is open. */
export class PanelState {
  private readonly folded = new Set<string>();
  private readonly turned = new Signal<this, void>(this);
  private settings: ISettingRegistry.ISettings | null = null;
  private listed: Scope = 'notebook';
  readonly runs = new RunChoice();

  /** Emitted when anything of it has changed. */
  get changed(): ISignal<this, void> {
    return this.turned;
  }

  get scope(): Scope {
    return this.listed;
  }

  isOpen(section: string): boolean {
    return !this.folded.has(section);
  }

  /** Fold or unfold a section. */
  setOpen(section: string, open: boolean): void {
    if (open ? this.folded.delete(section) : !this.folded.has(section) && this.folded.add(section)) {
      this.turned.emit();
      this.keep('folded', [...this.folded]);
    }
  }

  setScope(scope: Scope): void {
    if (scope !== this.listed) {
      this.listed = scope;
      this.turned.emit();
      this.keep('runsOf', scope);
    }
  }

  /** Take over what was kept, and keep from now on. */
  use(settings: ISettingRegistry.ISettings): void {
    this.settings = settings;
    const read = (): void => {
      this.folded.clear();
      for (const name of settings.composite['folded'] as string[]) {
        this.folded.add(name);
      }
      this.listed = settings.composite['runsOf'] as Scope;
      this.turned.emit();
    };
    settings.changed.connect(read);
    read();
  }

  // Settings that cannot be written cost no more than that they are not remembered.
  private keep(name: string, value: string | string[]): void {
    this.settings?.set(name, value).catch(() => undefined);
  }
}
