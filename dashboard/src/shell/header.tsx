import { usePlace } from '../lib/router';
import { useSignedIn } from '../lib/session';
import { ButtonLink } from '../ui/button';
import { AccountMenu } from './account-menu';
import { Brand } from './brand';

export function Header({ inside, bare }: { inside: boolean; bare: boolean }) {
  const signedIn = useSignedIn();
  const { path } = usePlace();
  return (
    <header class="header">
      <div class="header-inside">
        <Brand href={inside ? '/app' : '/'} />
        {bare ? null : inside && signedIn ? (
          <nav aria-label="Main" class="header-nav">
            <a href="/app" aria-current={path === '/app' ? 'page' : undefined}>
              Sites
            </a>
            <AccountMenu />
          </nav>
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
