import { heading, type View } from './view';

export const VIEWS: View[] = [
  { name: 'not-found', path: '/nowhere', act: heading('Page not found') },
  { name: 'not-found-inside', path: '/app/nowhere', signedIn: true, act: heading('Page not found') },
];
