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
          <h2>Copy this line</h2>
          <pre class="snippet" tabIndex={0} role="region" aria-label="Snippet">
            <code id="snippet">{site.snippet}</code>
          </pre>
          <Copy value={site.snippet} from="snippet" />
        </li>
        <li>
          <h2>Put it into your pages</h2>
          <p>
            Anywhere before <code>&lt;/body&gt;</code>, on every page that should have the button. In a site builder
            look for “custom code” or “footer scripts”. It loads after your page and never holds it up.
          </p>
        </li>
        <li>
          <h2>See it arrive</h2>
          <p>Open your site. The button stands at the bottom, and the first visit shows here within seconds.</p>
          {demo && (
            <p>
              On this machine:{' '}
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
        <h2 id="install-notice">For your own privacy notice</h2>
        <p>
          Your visitors should read in your own notice what the widget keeps in their browser. The paragraph is written
          already. <a href={`/app/sites/${site.id}/privacy`}>Copy it for your site</a>
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
    <div class={`check${seen ? ' check-good' : ''}`} role="status">
      {!data && !error && <p>Looking for a first visit…</p>}
      {!data && error && <p>We could not look for a first visit. {error.detail}</p>}
      {data && seen > 0 && (
        <p>
          <strong>It works.</strong> {number(seen)} {seen === 1 ? 'visit has' : 'visits have'} seen the widget in the
          last 30 days. <a href={`/app/sites/${site.id}`}>See the overview</a>
        </p>
      )}
      {data && seen === 0 && (
        <p>
          <strong>No visit yet.</strong> This looks again every few seconds.
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
