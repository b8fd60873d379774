// One step of a dialog: its content, its buttons, and the focus that comes along.

import * as React from 'react';

interface Props {
  children: React.ReactNode;
  buttons: React.ReactNode;
  /** Enter in a field does this. */
  onSubmit?: () => void;
}

/** Give each step another `key`: when it appears, what is marked `data-first` has the focus. */
export function Step({ children, buttons, onSubmit }: Props): JSX.Element {
  const form = React.useRef<HTMLFormElement>(null);
  const isNew = React.useRef(true);
  React.useEffect(() => {
    // Also when what had the focus is gone: a dialog without it hears no keys.
    if (isNew.current || document.activeElement === document.body) {
      (form.current?.querySelector<HTMLElement>('[data-first]') ?? form.current)?.focus();
    }
    isNew.current = false;
  });
  return (
    <form
      ref={form}
      className="jp-mlops-Step"
      tabIndex={-1}
      noValidate
      onSubmit={event => {
        event.preventDefault();
        onSubmit?.();
      }}
    >
      <div className="jp-mlops-Step-content">{children}</div>
      <div className="jp-mlops-Step-buttons">{buttons}</div>
    </form>
  );
}

interface ButtonProps extends React.ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: 'accept' | 'reject' | 'warn';
  first?: boolean;
}

/** A button in the look of JupyterLab's dialogs. */
export function StepButton({ kind = 'reject', first, children, ...others }: ButtonProps): JSX.Element {
  const look = kind === 'warn' ? 'jp-mod-accept jp-mod-warn' : `jp-mod-${kind}`;
  return (
    <button
      type="button"
      {...others}
      {...(first ? { 'data-first': true } : {})}
      className={`jp-Dialog-button jp-mod-styled ${look}`}
    >
      {children}
    </button>
  );
}
