import type { ComponentChildren, InputHTMLAttributes } from 'preact';
import { useState } from 'preact/hooks';

interface Shared {
  label: string;
  name: string;
  hint?: ComponentChildren;
  error?: string;
  optional?: boolean;
}

type Attributes = InputHTMLAttributes<HTMLInputElement>;
type InputProps = Shared &
  Pick<
    Attributes,
    | 'autocomplete'
    | 'autocapitalize'
    | 'spellcheck'
    | 'defaultValue'
    | 'inputMode'
    | 'placeholder'
    | 'onInput'
    | 'onChange'
  > & {
    type?: 'email' | 'tel' | 'text' | 'date' | 'datetime-local' | 'number';
    min?: string | number;
    max?: number;
  };

export const fieldId = (name: string): string => `field-${name}`;

export function Field({ label, name, hint, error, optional, ...input }: InputProps) {
  return (
    <Frame label={label} name={name} hint={hint} error={error} optional={optional}>
      <input {...({ ...input, ...described(name, hint, error), class: 'input' } as Attributes)} />
    </Frame>
  );
}

export function TextField({ label, name, hint, error }: Shared) {
  return (
    <Frame label={label} name={name} hint={hint} error={error}>
      <textarea {...described(name, hint, error)} class="input" rows={5} />
    </Frame>
  );
}

export function PasswordField({ label, name, hint, error, ...input }: InputProps) {
  const [shown, show] = useState(false);
  return (
    <Frame label={label} name={name} hint={hint} error={error}>
      <span class="input-with-button">
        <input
          {...({
            ...input,
            ...described(name, hint, error),
            class: 'input',
            type: shown ? 'text' : 'password',
            autocapitalize: 'off',
            spellcheck: false,
          } as Attributes)}
        />
        <button
          type="button"
          class="button button-bare button-small"
          aria-pressed={shown}
          aria-controls={fieldId(name)}
          onClick={() => show(!shown)}
        >
          {shown ? 'Hide' : 'Show'}
        </button>
      </span>
    </Frame>
  );
}

type SelectProps = Shared & { children: ComponentChildren };

export function Select({ label, name, hint, error, children }: SelectProps) {
  return (
    <Frame label={label} name={name} hint={hint} error={error}>
      <select {...described(name, hint, error)} class="input">
        {children}
      </select>
    </Frame>
  );
}

function described(name: string, hint: unknown, error?: string) {
  const ids = [error && `${fieldId(name)}-error`, hint && `${fieldId(name)}-hint`].filter(Boolean).join(' ');
  return {
    id: fieldId(name),
    name,
    'aria-invalid': error ? (true as const) : undefined,
    'aria-describedby': ids || undefined,
  };
}

function Frame({ label, name, hint, error, optional, children }: Shared & { children: ComponentChildren }) {
  return (
    <div class={`field${error ? ' field-wrong' : ''}`}>
      <label for={fieldId(name)} id={`${fieldId(name)}-label`}>
        {label}
      </label>
      {optional && <span class="field-optional"> optional</span>}
      {children}
      {error && (
        <p class="field-error" id={`${fieldId(name)}-error`}>
          {error}
        </p>
      )}
      {hint && (
        <p class="field-hint" id={`${fieldId(name)}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
