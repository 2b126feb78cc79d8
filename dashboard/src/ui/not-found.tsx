import { useSignedIn } from '../lib/session';
import { ButtonLink } from './button';
import { Page } from './page';

export function NotFound() {
  const signedIn = useSignedIn();
  return (
    <Page title="Page not found" width="narrow" lead="Check the address, or go back to the start.">
      <p>
        <ButtonLink href={signedIn ? '/app' : '/'} look="primary">
          {signedIn ? 'Go to your sites' : 'Go to the home page'}
        </ButtonLink>
      </p>
    </Page>
  );
}
