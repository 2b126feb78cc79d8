// A visit as mc_session holds it: its id, then `.` and the first letters of the steps the server has
// acknowledged, once there are any: `<22 letters>`, `<22 letters>.i`, `<22 letters>.io`, ...

export type Step = 'impression' | 'open' | 'submit';

/** 128 random bits as base64url. Not randomUUID: customers' pages on plain http lack it. */
export function randomId(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replace(/[+/]/g, (letter) => (letter === '+' ? '-' : '_'))
    .slice(0, 22);
}

/** Whether a stored value is a visit. */
export function isVisit(stored: unknown): stored is string {
  return /^[\w-]{22}(\.[ios]+)?$/.test(stored as string);
}

export const idOf = (visit: string) => visit.slice(0, 22);

/** Letters of the steps that were acknowledged. */
export const stepsOf = (visit: string) => visit.slice(23);

/** The visit once these steps were acknowledged too. */
export const withSteps = (visit: string, letters: string) => visit + (visit[22] ? '' : '.') + letters;
