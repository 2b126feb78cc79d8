import { renderToStringAsync } from 'preact-render-to-string';
import { App, preload } from './app';

interface PublicPage {
  path: string;
  title: string;
  description: string;
  /** The part that holds it, when it is not in the first load. */
  part?: string;
}

/** The pages that are written at build time: those that people find, and read before they trust us. */
export const pages: PublicPage[] = [
  {
    path: '/',
    title: 'Mi Connect: callbacks without tracking',
    description:
      'A callback button for your website, and honest numbers on what it brings: how many visits saw it, ' +
      'opened it and requested a call. No advertising cookies, no tracking.',
  },
  {
    path: '/pricing',
    title: 'Pricing · Mi Connect',
    description: 'Mi Connect’s plans: free for one site, and paid plans with a 14-day trial that needs no card.',
    part: 'src/features/marketing/pricing-page.tsx',
  },
  {
    path: '/login',
    title: 'Log in · Mi Connect',
    description: 'Log in to Mi Connect with your password or a passkey.',
    part: 'src/features/login/login.tsx',
  },
  {
    path: '/register',
    title: 'Create your account · Mi Connect',
    description: 'Create a Mi Connect account: free for one site, no card needed.',
    part: 'src/features/login/register.tsx',
  },
  {
    path: '/terms',
    title: 'Terms · Mi Connect',
    description: 'The terms of Mi Connect and the data processing agreement with the businesses that use it.',
    part: 'src/features/privacy/terms.tsx',
  },
  {
    path: '/privacy',
    title: 'Privacy policy · Mi Connect',
    description: 'What Mi Connect keeps about visitors and account holders, why, for how long, and your rights.',
    part: 'src/features/privacy/privacy-policy.tsx',
  },
  {
    path: '/cookies',
    title: 'Cookie policy · Mi Connect',
    description:
      'Everything Mi Connect stores on a device, entry by entry: what for, for how long, and how to clear it.',
    part: 'src/features/privacy/cookies.tsx',
  },
];

/** A page as somebody sees it who comes for the first time. */
export async function draw(path: string): Promise<string> {
  Object.assign(globalThis, { location: new URL(path, 'https://mi-connect.invalid') });
  await preload(path);
  return renderToStringAsync(<App />);
}
