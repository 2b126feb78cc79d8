import type { ComponentChildren } from 'preact';
import { usePlace } from '../lib/router';
import { useSignedIn } from '../lib/session';
import { ButtonLink } from '../ui/button';
import { Brand } from './brand';

/** `nav` leads through the pages of people who are logged in. */
export function Header({ inside, bare, nav }: { inside: boolean; bare: boolean; nav: ComponentChildren }) {
  const signedIn = useSignedIn();
  const { path } = usePlace();
  return (
    <header class="header">
      <div class="header-inside">
        <Brand href={inside ? '/app' : '/'} />
        {bare ? null : inside && signedIn ? (
          nav
        ) : (
          <nav aria-label="Main" class="header-nav">
            {signedIn ? (
              <ButtonLink href="/app" look="primary" small>
                Your sites
              </ButtonLink>
            ) : (
              <>
                {path !== '/pricing' && (
                  <a class="header-pricing" href="/pricing">
                    Pricing
                  </a>
                )}
                {path !== '/login' && <a href="/login">Log in</a>}
                {path !== '/register' && (
                  <ButtonLink href="/register" look="primary" small>
                    Start free
                  </ButtonLink>
                )}
              </>
            )}
          </nav>
        )}
      </div>
    </header>
  );
}
