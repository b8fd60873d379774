// Whatever was thrown, as a problem that can be shown.

import { ProblemError } from './client';
import type { Problem } from './rest';

export const problemOf = (error: unknown): Problem =>
  error instanceof ProblemError
    ? error.problem
    : { kind: 'InternalError', what: String(error), fix: 'Reload the page and try again.' };
