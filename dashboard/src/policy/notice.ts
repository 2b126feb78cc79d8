import { onChange, read, remove, write } from '../storage';
import manifest from './manifest.json';

// A changed policy shows the notice again: the value is the policy's date.
const changed = new Set<() => void>();

export const acknowledged = (): boolean => read('mc_cookies') === `accepted ${manifest.updated}`;

export function acknowledge(): void {
  write('mc_cookies', `accepted ${manifest.updated}`);
  changed.forEach((listener) => listener());
}

export function forgetNotice(): void {
  remove('mc_cookies');
  changed.forEach((listener) => listener());
}

export function onNotice(listener: () => void): () => void {
  changed.add(listener);
  const stop = onChange(listener);
  return () => {
    changed.delete(listener);
    stop();
  };
}
