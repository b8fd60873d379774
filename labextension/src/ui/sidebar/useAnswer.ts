// An answer of the server that is asked for again now and then, while it is looked at.

import { Poll } from '@lumino/polling';
import * as React from 'react';

interface Answer<T> {
  /** The last answer; null before the first, and after what is asked has changed. */
  value: T | null;
  /** Why the last question has no answer. */
  problem: Error | null;
  /** Ask now. */
  again: () => void;
}

/**
 * Ask while `isLooked`, at once and every `seconds`; nothing is asked otherwise.
 *
 * @param ask the question; the newest one given is used.
 * @param about what it is about: another one forgets the answer of the last.
 */
export function useAnswer<T>(ask: () => Promise<T>, about: string, isLooked: boolean, seconds: number): Answer<T> {
  const [value, setValue] = React.useState<T | null>(null);
  const [problem, setProblem] = React.useState<Error | null>(null);
  const newest = React.useRef(ask);
  newest.current = ask;
  const poll = React.useRef<Poll | null>(null);

  React.useEffect(() => {
    setValue(null);
    setProblem(null);
  }, [about]);

  React.useEffect(() => {
    if (!isLooked) {
      return;
    }
    let isOurs = true;
    const asking = new Poll({
      name: 'jupyter-mlops:sidebar',
      standby: 'when-hidden',
      frequency: { interval: seconds * 1000, backoff: true, max: 300_000 },
      factory: async () => {
        try {
          const found = await newest.current();
          if (isOurs) {
            setValue(found);
            setProblem(null);
          }
        } catch (error) {
          if (isOurs) {
            setProblem(error as Error);
          }
          throw error; // so that the poll asks less often
        }
      }
    });
    poll.current = asking;
    return () => {
      isOurs = false;
      poll.current = null;
      asking.dispose();
    };
  }, [about, isLooked, seconds]);

  const again = React.useCallback(() => void poll.current?.refresh(), []);
  return { value, problem, again };
}
