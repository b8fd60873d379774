// Why something was not done: in a dialog with what to do next, or in passing.

import { Notification, showErrorMessage } from '@jupyterlab/apputils';

import { ProblemError } from '../api/client';
import { sentence } from '../text/jobs';

export async function tellProblem(title: string, error: unknown): Promise<void> {
  const message = error instanceof ProblemError ? `${sentence(error.message)}.\n${error.fix}` : String(error);
  await showErrorMessage(title, message.trim());
}

/** In a notification that goes by itself. */
export function tellShortly(message: string): void {
  Notification.error(message, { actions: [], autoClose: 8000 });
}
