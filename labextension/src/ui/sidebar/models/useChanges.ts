// Asking again when something on this page has changed what lists show.

import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';

import type { IMlops } from '../../../tokens';
import { Commands } from '../../../tokens';

/** Call `again` when a job has ended and when a server was stopped. */
export function useChanges(mlops: IMlops, app: JupyterFrontEnd, again: () => void): void {
  React.useEffect(() => {
    const onCommand = (_: unknown, { id, result }: CommandRegistry.ICommandExecutedArgs): void => {
      if (id === Commands.stopServer) {
        void result.then(again, again);
      }
    };
    const onJob = (): void => again();
    mlops.jobsChanged.connect(onJob);
    app.commands.commandExecuted.connect(onCommand);
    return () => {
      mlops.jobsChanged.disconnect(onJob);
      app.commands.commandExecuted.disconnect(onCommand);
    };
  }, [mlops, app, again]);
}
