import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from '../lib/api';
import { fieldId } from './field';

export type Errors = Record<string, string>;

export interface FormProps {
  /** Says what is wrong before any call; an empty record lets the form go. */
  check?: (values: FormData) => Errors;
  send: (values: FormData) => Promise<void>;
  /** Names the fields that this form shows; an error for any other is said in the summary. */
  fields: Record<string, string>;
  children: (state: { errors: Errors; busy: boolean }) => ComponentChildren;
}

/** A form that says its errors next to the fields and, focused, above them. */
export function Form({ check, send, fields, children }: FormProps) {
  const [errors, setErrors] = useState<Errors>({});
  const [general, setGeneral] = useState<ComponentChildren>(null);
  const [failures, setFailures] = useState(0);
  const [busy, setBusy] = useState(false);
  const summary = useRef<HTMLDivElement>(null);
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  useEffect(() => {
    if (failures) summary.current?.focus();
  }, [failures]);

  const fail = (found: Errors, said: ComponentChildren) => {
    if (!here.current) return;
    setErrors(found);
    setGeneral(said);
    setFailures((n) => n + 1);
  };

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    const values = new FormData(event.currentTarget as HTMLFormElement);
    const found = check?.(values) ?? {};
    if (Object.keys(found).length) return fail(found, null);
    setBusy(true);
    try {
      await send(values);
      if (!here.current) return;
      setErrors({});
      setGeneral(null);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const known: Errors = {};
      const rest: string[] = [];
      for (const [name, message] of Object.entries(error.fields)) {
        const field = fieldOf(name, fields);
        if (field) known[field] ??= message;
        else rest.push(message);
      }
      if (!Object.keys(known).length || rest.length) rest.unshift(error.detail);
      const said = rest.join(' ');
      fail(
        known,
        error.code === 'plan-limit' ? (
          <>
            {said} <a href="/app/billing">See plans</a>
          </>
        ) : (
          said || null
        ),
      );
    } finally {
      if (here.current) setBusy(false);
    }
  };

  const listed = Object.keys(fields).filter((name) => errors[name]);
  return (
    // Sent before the script is there, nothing typed may end up in an address.
    <form method="post" noValidate onSubmit={submit} aria-busy={busy}>
      {(listed.length > 0 || general) && (
        <div class="summary" role="alert" tabIndex={-1} ref={summary}>
          {listed.length > 0 && (
            <>
              <p>{listed.length === 1 ? 'There is 1 problem:' : `There are ${listed.length} problems:`}</p>
              <ul>
                {listed.map((name) => (
                  <li key={name}>
                    <a
                      href={`#${fieldId(name)}`}
                      onClick={(event) => {
                        event.preventDefault();
                        document.getElementById(fieldId(name))?.focus();
                      }}
                    >
                      {fields[name]}
                    </a>
                    {`: ${errors[name]}`}
                  </li>
                ))}
              </ul>
            </>
          )}
          {general && <p>{general}</p>}
        </div>
      )}
      {children({ errors, busy })}
    </form>
  );
}

export const text = (values: FormData, name: string): string => String(values.get(name) ?? '').trim();

/** An entry of a list is refused as origins[1] or origins.1; its field is origins-1, the first one's is origins. */
function fieldOf(name: string, fields: Record<string, string>): string | undefined {
  const [, list, index] = /^(\w+)[[./](\d+)/.exec(name) ?? [];
  const entry = index === undefined || index === '0' ? list : `${list}-${index}`;
  return [name, entry, list].find((known) => known !== undefined && known in fields);
}
