import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { lazy } from './lazy';
import { Home } from './pages/home';
import { Login } from './pages/login';
import { NotFound } from './pages/not-found';
import { Register } from './pages/register';
import { Verify } from './pages/verify';
import { match, navigate, usePlace } from './router';
import { useSignedIn } from './session';
import { Footer } from './shell/footer';
import { DuesBanner } from './shell/dues';
import { Header } from './shell/header';
import { Notice } from './shell/notice';
import { Toasts } from './ui/toast';

// The contents page. Everything under /app is for people who are logged in, and one part to fetch.
const Signed = lazy(() => import('./app/signed'));
const PAGES: Record<string, ComponentType> = {
  '/': Home,
  '/register': Register,
  '/verify': Verify,
  '/login': Login,
  '/request': lazy(() => import('./pages/request')),
  '/resend': lazy(() => import('./pages/resend')),
  '/forgot': lazy(() => import('./pages/forgot')),
  '/reset': lazy(() => import('./pages/reset')),
  '/login/link': lazy(() => import('./pages/login-link')),
  '/email/change': lazy(() => import('./pages/email-change')),
  '/email/confirm': lazy(() => import('./pages/confirm-email')),
  '/recover': lazy(() => import('./pages/recover')),
  '/invitation': lazy(() => import('./pages/invitation')),
  '/client': lazy(() => import('./pages/client')),
  '/complaint': lazy(() => import('./pages/complaint')),
  '/cookies': lazy(() => import('./pages/cookies')),
  '/privacy': lazy(() => import('./pages/privacy')),
  '/terms': lazy(() => import('./pages/terms')),
};

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

  const route = Object.keys(PAGES).find((pattern) => match(pattern, path));
  const View = inside ? Signed : route ? PAGES[route]! : NotFound;
  return (
    <>
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
      {route !== '/request' && <Notice />}
      <Header inside={inside} bare={route === '/request'} />
      {inside && signedIn && path !== '/app/billing' && <DuesBanner />}
      {inside && !signedIn ? <main id="main" class="page" tabIndex={-1} /> : <View key={inside ? '/app' : path} />}
      <Footer inside={inside} />
      <Toasts />
    </>
  );
}
