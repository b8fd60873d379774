// What the panel remembers, for a component that is drawn again when it changes.

import * as React from 'react';

import { PanelState } from '../../model/panelState';

export const PanelContext = React.createContext(new PanelState());

export function usePanelState(): PanelState {
  const state = React.useContext(PanelContext);
  const [, draw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    state.changed.connect(draw);
    return () => {
      state.changed.disconnect(draw);
    };
  }, [state]);
  return state;
}
