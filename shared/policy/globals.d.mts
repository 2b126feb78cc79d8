export function asPages(pages: 'own' | 'site'): void;
