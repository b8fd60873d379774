// The sections of the left panel, from top to bottom.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import type * as React from 'react';

import type { IMlops } from '../../tokens';
import { AlarmsSection } from './AlarmsSection';
import { BundlesSection } from './BundlesSection';
import { ModelsSection } from './ModelsSection';
import { RunsSection } from './RunsSection';
import { ServersSection } from './ServersSection';

/** What every section is given. */
export interface SectionContent {
  mlops: IMlops;
  app: JupyterFrontEnd;
  trans: TranslationBundle;
  /** Of the current notebook, relative to the server's root: it decides which project is meant. */
  folder: string;
  /** The panel is open, the page is shown, and somebody is there. */
  visible: boolean;
}

export const SECTIONS: readonly React.ComponentType<SectionContent>[] = [
  RunsSection,
  ModelsSection,
  ServersSection,
  AlarmsSection,
  BundlesSection
];
