import { call } from '../../lib/api';
import type { Site } from '../../lib/api.gen';
import { number } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { demoAddress } from './demo';
import { Platforms } from './platforms';
import { TestRequest } from './test-request';
import './sites.css';

export function Install({ site }: { site: Site }) {
  const demo = demoAddress(location, site.key);
  return (
    <div class="install">
      <ol class="steps">
        <li>
          <h2>Add the snippet to your pages</h2>
          <Platforms site={site} />
        </li>
        <li>
          <h2>Check that it works</h2>
          <p>
            Open your site. The button appears at the bottom of the page, and your visit is shown here within seconds.
          </p>
          <TestRequest site={site} />
          {demo && (
            <p>
              Testing locally?{' '}
              <a href={demo} target="_blank" rel="noreferrer">
                Open the demo site
              </a>{' '}
              with this widget on it.
            </p>
          )}
          <Check site={site} />
        </li>
      </ol>
      <section class="card" aria-labelledby="install-more">
        <h2 id="install-more">From your own page</h2>
        <p>
          Attributes of the line: <code>data-lang</code> (en, cy, pl, fr, de, es, ar), <code>data-label</code>,{' '}
          <code>data-position="left"</code>, <code>data-button="none"</code>, <code>data-consent="required"</code>,{' '}
          <code>data-storage="none"</code>.
        </p>
        <p>
          For scripts: <code>MiConnect.open()</code>, <code>MiConnect.close()</code>, and for consent{' '}
          <code>MiConnect.consent(true)</code>. In the text, <code>{'<mi-connect></mi-connect>'}</code> is a button.
        </p>
      </section>
      <section class="card" aria-labelledby="install-notice">
        <h2 id="install-notice">Your privacy notice</h2>
        <p>
          Your privacy notice should tell visitors what the widget stores in their browser. We’ve written the paragraph
          for you. <a href={`/app/sites/${site.id}/privacy`}>Copy it</a>
        </p>
      </section>
    </div>
  );
}

function Check({ site }: { site: Site }) {
  const { data, error } = useLoad(
    `check ${site.id}`,
    (signal) => call('GET', '/v1/sites/{id}/stats', { path: { id: site.id }, signal }),
    5000,
  );
  const seen = data?.totals.impressions ?? 0;
  const foreign = data?.filtered.reasons.origin ?? 0;
  return (
    <div class={`check${seen && !site.paused ? ' check-good' : ''}`} role="status">
      {!data && !error && <p>Waiting for the first visit…</p>}
      {!data && error && <p>We couldn’t check for visits. {error.detail}</p>}
      {data && site.paused && (
        <p>
          <strong>Paused.</strong> The snippet is fine where it is: the button comes back when this site runs again.
        </p>
      )}
      {data && !site.paused && seen > 0 && (
        <p>
          <strong>It works.</strong> {number(seen)} {seen === 1 ? 'visit' : 'visits'} in the last 30 days saw the
          widget. <a href={`/app/sites/${site.id}`}>See statistics</a>
        </p>
      )}
      {data && !site.paused && seen === 0 && (
        <p>
          <strong>No visit yet.</strong> We check every few seconds.
        </p>
      )}
      {data && seen === 0 && foreign > 0 && (
        <p>
          {number(foreign)} came from an address that is not in this site’s list.{' '}
          <a href={`/app/sites/${site.id}/settings`}>Add the address</a>
        </p>
      )}
    </div>
  );
}
