import { Page } from './page';

/** What every page of a mailed link says when the link is no good. */
export function DeadLink({ again }: { again?: { href: string; label: string } }) {
  return (
    <Page
      key="dead"
      title="This link no longer works"
      width="narrow"
      lead="It may have been used already, have expired, or be incomplete."
    >
      <p class="after-form">
        <a href={again?.href ?? '/login'}>{again?.label ?? 'Back to login'}</a>
      </p>
    </Page>
  );
}
