// What a visitor typed, checked leniently: the server knows phone numbers, this only spares a round trip.

import type { Puzzle } from './solver';
import type { Asked } from './types';
import type { Said } from './words';

export type Field = 'name' | 'phone' | 'at' | 'email' | 'message';

/** What was typed, without what was left empty. `when` is "soon", "later" for the time in `at`, or a slot's start. */
export type Typed = Partial<Record<Field | 'when' | 'website' | 'department', string>>;

export type Errors = Partial<Record<Field, string>>;

/** What each field that can be left out is; the phone number never is. */
export type Fields = Record<'name' | 'email' | 'message', Asked>;

export interface Problem {
  type?: string;
  detail?: string;
  slots?: string[];
  puzzle?: Puzzle;
  errors?: { field: string; message: string }[];
}

/** The form's content; the free time counts only when the visitor chose one. */
export function typedIn(entries: Iterable<[string, unknown]>): Typed {
  const typed: Typed = {};
  for (const [name, value] of entries) {
    const text = String(value).trim();
    if (text) typed[name as Field] = text;
  }
  if (typed.when !== 'later') {
    delete typed.at;
    if (typed.when && typed.when !== 'soon') typed.at = typed.when;
  }
  return typed;
}

/** What is plainly missing or wrong, by field. */
export function check(typed: Typed, now: number, words: Said, fields: Fields): Errors {
  const { name, phone = '', when, at = '', email, message } = typed;
  const errors: Errors = {};
  if (!name && fields.name === 'needed') errors.name = words.needName;
  if (!/(\p{Nd}\P{Nd}*){6}/u.test(phone)) errors.phone = words.needPhone;
  if (when !== 'soon' && !(Date.parse(at) > now)) errors.at = words.needTime;
  if (email ? !/.@./.test(email) : fields.email === 'needed') errors.email = words.needEmail;
  if (!message && fields.message === 'needed') errors.message = words.needed;
  return errors;
}

/** What POST /v1/callbacks is told. It never carries the visit's session. */
export function requestOf({ when, at, ...rest }: Typed): object {
  return at ? { ...rest, at: new Date(at).toISOString() } : rest;
}

/** The server's errors that belong to a field of the form: its own sentence in English, else ours in the language. */
export function errorsOf({ errors = [] }: Problem, inputs: object, words: Said, english: boolean): Errors {
  const { needName: name, needPhone: phone, needTime: at, needEmail: email, needed: message } = words;
  const ours: Errors = { name, phone, at, email, message };
  const known: Errors = {};
  for (const { field, message } of errors)
    if (field in inputs) known[field as Field] = english ? message : ours[field as Field]!;
  return known;
}
