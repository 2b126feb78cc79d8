// What a visitor typed, checked leniently: the server knows phone numbers, this only spares a round trip.

export type Field = 'name' | 'phone' | 'at' | 'email' | 'message';

/** What was typed, without what was left empty. `at` is in the visitor's own time, as datetime-local gives it. */
export type Typed = Partial<Record<Field | 'later', string>>;

export type Errors = Partial<Record<Field, string>>;

/** The form's content; a time counts only when the visitor chose one. */
export function typedIn(entries: Iterable<[string, unknown]>): Typed {
  const typed: Typed = {};
  for (const [name, value] of entries) {
    const text = String(value).trim();
    if (text) typed[name as Field] = text;
  }
  if (!typed.later) delete typed.at;
  return typed;
}

/** What is plainly missing or wrong, by field. */
export function check({ name, phone = '', later, at = '', email }: Typed, now: number): Errors {
  const errors: Errors = {};
  if (!name) errors.name = 'Please tell us your name.';
  if (!/(\p{Nd}\P{Nd}*){6}/u.test(phone)) errors.phone = 'Please enter a phone number we can call.';
  if (later && !(Date.parse(at) > now)) errors.at = 'Please choose a time that is still to come.';
  if (email && !/.@./.test(email)) errors.email = 'Please check this email address.';
  return errors;
}

/** What POST /v1/callbacks is told. It never carries the visit's session. */
export function requestOf({ later, at, ...rest }: Typed): object {
  return at ? { ...rest, at: new Date(at).toISOString() } : rest;
}

/** The server's errors that belong to a field of the form. */
export function errorsOf(problem: { errors?: { field: string; message: string }[] }, fields: object): Errors {
  const known: Errors = {};
  for (const { field, message } of problem.errors || []) if (field in fields) known[field as Field] = message;
  return known;
}
