// A job whose dialog was closed: a notification says that it goes on, and then how it ended.

import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Job } from '../../api/rest';
import type { FollowedJob } from '../../model/jobs';

const KINDS = { done: 'success', refused: 'warning', cancelled: 'info' } as const;

interface Later {
  /** How it ended, in one line. */
  words: (job: Job) => string;
  /** Opens the dialog again, also after the end; without it the notification says all. */
  show?: () => void;
  /** Opens the dialog again while the job runs. */
  watch?: () => void;
}

export function tellLater(followed: FollowedJob, title: string, trans: TranslationBundle, { words, show, watch = show }: Later): void {
  const actions = (callback?: () => void): Notification.IAction[] => (callback ? [{ label: trans.__('Show'), callback }] : []);
  const id = followed.isOver
    ? ''
    : Notification.emit(trans.__('%1: goes on in the background.', title), 'in-progress', { autoClose: false, actions: actions(watch) });
  void followed.ended.then(job => {
    // Not an update: JupyterLab forgets one that comes before it has drawn the first.
    Notification.dismiss(id);
    Notification.emit(words(job), KINDS[job.status as keyof typeof KINDS] ?? 'error', {
      autoClose: false,
      actions: actions(job.status === 'cancelled' ? undefined : show)
    });
  });
}
