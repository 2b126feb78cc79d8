import { usePlace } from '../lib/router';
import { AccountMenu } from './account-menu';

export function SignedInNav() {
  const { path } = usePlace();
  return (
    <nav aria-label="Main" class="header-nav">
      <a href="/app" aria-current={path === '/app' ? 'page' : undefined}>
        Sites
      </a>
      <AccountMenu />
    </nav>
  );
}
