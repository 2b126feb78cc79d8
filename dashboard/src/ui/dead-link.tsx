import { Page } from './page';

/** What every page of a mailed link says when the link is no good. */
export function DeadLink({ again }: { again?: { href: string; label: string } }) {
  return (
    <Page
      key="dead"
      title="This link does not work any more"
      width="narrow"
      lead="It was used before, it is too old, or a part of it was lost on the way."
    >
      <p class="after-form">
        <a href={again?.href ?? '/login'}>{again?.label ?? 'Back to the login'}</a>
      </p>
    </Page>
  );
}
