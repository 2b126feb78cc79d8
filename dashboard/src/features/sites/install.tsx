import { call } from '../../lib/api';
import type { Site } from '../../lib/api.gen';
import { number } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { Copy } from '../../ui/copy';
import { demoAddress } from './demo';
import './sites.css';

export function Install({ site }: { site: Site }) {
  const demo = demoAddress(location, site.key);
  return (
    <div class="install">
      <ol class="steps">
        <li>
          <h2>Copy the snippet</h2>
          <pre class="snippet" tabIndex={0} role="region" aria-label="Snippet">
            <code id="snippet">{site.snippet}</code>
          </pre>
          <Copy value={site.snippet} from="snippet" />
        </li>
        <li>
          <h2>Add it to your pages</h2>
          <p>
            Paste it before <code>&lt;/body&gt;</code> on every page that should show the button. In a site builder,
            look for “custom code” or “footer scripts”. It loads after your page and never slows it down.
          </p>
        </li>
        <li>
          <h2>Check that it works</h2>
          <p>
            Open your site. The button appears at the bottom of the page, and your visit is shown here within seconds.
          </p>
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
