export interface Entry {
  name: string;
  kind: string;
  pages: string[];
  where: string;
  type: string;
  purpose: string;
  duration: string;
  setBy: string;
}
export interface Host {
  host: string;
  pages: string[];
  purpose: string;
  setBy: string;
}
export interface Change {
  revision: string;
  date: string;
  text: string;
  changes: string[];
}
export const manifest: {
  controller: string;
  contact: string;
  storage: Entry[];
  hosts: Host[];
  notice: string;
  history: [...Change[], Change] & { at(index: -1): Change };
};
export function replacements(pages: 'own' | 'site'): Record<string, string>;
