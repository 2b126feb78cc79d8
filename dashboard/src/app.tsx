import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { Home } from './features/marketing/home';
import { Notice } from './features/privacy/cookie-notice';
import { match, navigate, usePlace } from './lib/router';
import { useSignedIn } from './lib/session';
import { Footer } from './shell/footer';
import { Header } from './shell/header';
import { type LazyView, lazy } from './ui/lazy';
import { NotFound } from './ui/not-found';
import { Toasts } from './ui/toast';

// The contents page. Everything under /app is for people who are logged in, and one part to fetch.
const signedInPart = () => import('./signed-in');
const Signed = lazy(signedInPart);
const SignedInNav = lazy(async () => ({ default: (await signedInPart()).SignedInNav }), null);
const DuesBanner = lazy(async () => ({ default: (await signedInPart()).DuesBanner }), null);
const PAGES: Record<string, ComponentType | LazyView> = {
  '/': Home,
  '/pricing': lazy(() => import('./features/marketing/pricing-page')),
  '/register': lazy(() => import('./features/login/register')),
  '/verify': lazy(() => import('./features/login/verify')),
  '/login': lazy(() => import('./features/login/login')),
  '/request': lazy(() => import('./features/inbox/visitor-request')),
  '/complain': lazy(() => import('./features/inbox/visitor-complaint')),
  '/resend': lazy(() => import('./features/login/resend')),
  '/forgot': lazy(() => import('./features/login/forgot')),
  '/reset': lazy(() => import('./features/login/reset')),
  '/login/link': lazy(() => import('./features/login/login-link')),
  '/email/change': lazy(() => import('./features/login/email-change')),
  '/email/confirm': lazy(() => import('./features/login/confirm-email')),
  '/recover': lazy(() => import('./features/login/recover')),
  '/invitation': lazy(() => import('./features/team/invitation')),
  '/client': lazy(() => import('./features/team/client')),
  '/complaint': lazy(() => import('./features/privacy/complaint')),
  '/cookies': lazy(() => import('./features/privacy/cookies')),
  '/privacy': lazy(() => import('./features/privacy/privacy-policy')),
  '/terms': lazy(() => import('./features/privacy/terms')),
};

const routeOf = (path: string) => Object.keys(PAGES).find((pattern) => match(pattern, path));

/** Fetches the part that holds a public page, so that it can be drawn at once. */
export async function preload(path: string): Promise<void> {
  const view = PAGES[routeOf(path) ?? ''];
  if (view && 'preload' in view) await view.preload();
}

export function App() {
  const { path, query } = usePlace();
  const signedIn = useSignedIn();
  const inside = path === '/app' || path.startsWith('/app/');

  useEffect(() => {
    if (inside && !signedIn) {
      const next = path + (query.size ? `?${query}` : '');
      navigate(next === '/app' ? '/login' : `/login?next=${encodeURIComponent(next)}`, { replace: true });
    }
  }, [inside, signedIn]);

  const route = routeOf(path);
  const visitors = route === '/request' || route === '/complain';
  const View = inside ? Signed : route ? PAGES[route]! : NotFound;
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads to a place on this page, and works without the script. */}
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        Skip to content
      </a>
      {/* A visitor of somebody's site came for their request only: nothing of ours stands in their way. */}
      {!visitors && <Notice />}
      <Header inside={inside} bare={visitors} nav={<SignedInNav />} />
      {inside && signedIn && path !== '/app/billing' && <DuesBanner />}
      {inside && !signedIn ? <main id="main" class="page" tabIndex={-1} /> : <View key={inside ? '/app' : path} />}
      <Footer inside={inside} />
      <Toasts />
    </>
  );
}
