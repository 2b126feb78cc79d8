import { ButtonLink } from '../ui/button';
import { Page } from '../ui/page';

export function Home() {
  return (
    <Page title="Mi Connect" heading="The call you would have missed." lead="A callback button for your website.">
      <ButtonLink href="/register" look="primary">Start free</ButtonLink>
    </Page>
  );
}
