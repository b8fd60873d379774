// Why something was not done, and what to do next.

import * as React from 'react';

import type { Problem } from '../../api/rest';
import { sentence } from '../../text/jobs';

export function ProblemNote({ problem }: { problem: Problem }): JSX.Element {
  return (
    <div className="jp-mlops-ProblemNote" role="alert">
      <p className="jp-mlops-ProblemNote-what">{sentence(problem.what)}</p>
      {problem.fix && <p>{problem.fix}</p>}
    </div>
  );
}
