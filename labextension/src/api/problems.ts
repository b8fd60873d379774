// Whatever was thrown, as a problem that can be shown.

import { ProblemError } from './client';
import type { Problem } from './rest';

export const problemOf = (error: unknown): Problem =>
  error instanceof ProblemError
    ? error.problem
    : { kind: 'InternalError', what: String(error), fix: 'Reload the page and try again.' };

/** True for what the server says it does not have. */
export const isGone = (error: unknown): boolean => error instanceof ProblemError && error.status === 404;
