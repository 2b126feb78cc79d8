import type { ButtonHTMLAttributes, ComponentChildren } from 'preact';

type Look = 'primary' | 'plain' | 'danger' | 'bare';

interface Props extends Pick<ButtonHTMLAttributes<HTMLButtonElement>, 'onClick' | 'aria-label' | 'aria-describedby'> {
  look?: Look;
  small?: boolean;
  busy?: boolean;
  /** For one of several choices: whether it is the one. */
  pressed?: boolean;
  type?: 'button' | 'submit';
  children: ComponentChildren;
}

/** A busy button keeps its name and its focus; a second press does nothing. */
export function Button({ look = 'plain', small, busy, pressed, type = 'button', onClick, children, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      class={`button button-${look}${small ? ' button-small' : ''}`}
      aria-disabled={busy || undefined}
      aria-pressed={pressed}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy && <span class="spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}

interface LinkProps {
  href: string;
  look?: Look;
  small?: boolean;
  children: ComponentChildren;
}

export function ButtonLink({ href, look = 'plain', small, children }: LinkProps) {
  return (
    <a href={href} class={`button button-${look}${small ? ' button-small' : ''}`}>
      {children}
    </a>
  );
}
