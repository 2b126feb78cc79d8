import { useSignedIn } from '../lib/session';
import { ButtonLink } from './button';
import { Page } from './page';

export function NotFound() {
  const signedIn = useSignedIn();
  return (
    <Page
      title="Page not found"
      width="narrow"
      lead="There is nothing at this address. The link may be old, or a letter may be missing."
    >
      <p>
        <ButtonLink href={signedIn ? '/app' : '/'} look="primary">
          {signedIn ? 'To your sites' : 'To the start page'}
        </ButtonLink>
      </p>
    </Page>
  );
}
