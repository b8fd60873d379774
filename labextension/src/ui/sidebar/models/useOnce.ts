// An answer that stays as it is: asked once, and again only on demand.

import * as React from 'react';

interface Once<T> {
  value: T | null;
  problem: Error | null;
  again: () => void;
}

/** @param ask stays the same function as long as the question is the same. */
export function useOnce<T>(ask: () => Promise<T>): Once<T> {
  const [value, setValue] = React.useState<T | null>(null);
  const [problem, setProblem] = React.useState<Error | null>(null);
  const [round, setRound] = React.useState(0);
  React.useEffect(() => {
    let isOurs = true;
    setProblem(null);
    ask().then(
      found => isOurs && setValue(found),
      (error: Error) => isOurs && setProblem(error)
    );
    return () => {
      isOurs = false;
    };
  }, [ask, round]);
  return { value, problem, again: () => setRound(round + 1) };
}
