// Words, times and numbers in the visitor's language.
import en from './languages/en';
import type { Words } from './languages/words';
import type { Context } from './types';

/** Put in by the build: the file of each language but English. */
declare const LANGUAGES: Readonly<Record<string, string>>;

export interface Said extends Omit<Words, 'zones'> {
  locale: string;
  lang: string;
  insert(text: string, values: Record<string, string>): string;
  /** A time of day; with its day unless that is today. */
  moment(at: Date): string;
  /** The same in the site's zone beside the visitor's own; empty where they agree. */
  zones(at: Date, zone: string): string;
  minutes(count: number): string;
}

/** Loads a language; English is always here, and is said where another cannot be had. */
export async function say({ lang, config, part }: Context): Promise<Said> {
  let words = en;
  const file = LANGUAGES[lang];
  if (file)
    words = await part<{ default: Words }>(file).then(
      (module) => module.default,
      () => en,
    );
  const told = words === en ? 'en' : lang;
  const page = document.documentElement.lang;
  const locale = page.toLowerCase().startsWith(told) && page.length > 2 ? page : told === 'en' ? 'en-GB' : told;

  const own = config.texts?.[lang];
  // A name from left to right must not turn the sentence around it.
  const insert = (text: string, values: Record<string, string>) =>
    text.replace(/\{(\w+)\}/g, (_, name) => (told === 'ar' ? `\u2068${values[name]}\u2069` : values[name]!));
  const clock = (at: Date, timeZone?: string) =>
    at.toLocaleString(locale, { timeZone, weekday: 'short', hour: 'numeric', minute: '2-digit' });
  return {
    ...words,
    ...(own?.title && { title: own.title }),
    ...(own?.lead && { lead: own.lead }),
    locale,
    lang: told,
    insert,
    moment: (at) =>
      at.toDateString() === new Date().toDateString()
        ? at.toLocaleTimeString(locale, { timeStyle: 'short' })
        : at.toLocaleString(locale, { dateStyle: 'full', timeStyle: 'short' }),
    zones(at, timeZone) {
      const mine = clock(at);
      const theirs = clock(at, timeZone);
      const city = timeZone.split('/').pop()!.replace(/_/g, ' ');
      return mine === theirs ? '' : insert(words.zones, { mine, theirs, city });
    },
    minutes: (count) =>
      new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: count % 60 ? 'minute' : 'hour',
        unitDisplay: 'long',
      }).format(count % 60 ? count : count / 60),
  } as Said;
}
