import { useState } from 'preact/hooks';
import { logOutQuietly } from '../shell/log-out';
import { longDate } from '../format';
import manifest from '../policy/manifest.json';
import { forgetNotice } from '../policy/notice';
import { Button } from '../ui/button';
import { Page } from '../ui/page';
import '../styles/policy.css';

const COLUMNS = [['name', 'Name'], ['where', 'Where'], ['type', 'Type'], ['purpose', 'Purpose'], ['duration', 'Duration']] as const;

export default function Cookies() {
  return (
    <Page title="Cookie policy" width="policy" lead={<>Last updated <time dateTime={manifest.updated}>{longDate(manifest.updated)}</time></>}>
      <article class="policy">
        <p class="policy-first">
          Mi Connect sets no cookies of its own. It keeps three small entries in your browser’s storage, each with one purpose. None is for advertising, none follows you from site to site, and nothing is shared with advertising networks.
        </p>

        <h2>Everything we keep on a device</h2>
        {/* The roles keep it a table where the style stacks its cells on a narrow screen. */}
        <table class="keys" role="table">
          <caption class="visually-hidden">Storage of Mi Connect</caption>
          <thead role="rowgroup">
            <tr role="row">{COLUMNS.map(([, title]) => <th key={title} role="columnheader" scope="col">{title}</th>)}</tr>
          </thead>
          <tbody role="rowgroup">
            {manifest.keys.map((key) => (
              <tr role="row" key={key.name}>
                {COLUMNS.map(([field, title], i) =>
                  i === 0 ? (
                    <th key={title} role="rowheader" scope="row">{key.name.startsWith('mc_') ? <code>{key.name}</code> : key.name}</th>
                  ) : (
                    <td key={title} role="cell" data-title={title}>{key[field]}</td>
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
        <p>What is in localStorage stays on your device and is never transmitted unless you actively use the service.</p>

        <h2>On our customers’ websites</h2>
        <p>
          A business that uses Mi Connect has our call button on its pages. There, nothing is set but <code>mc_session</code>. Only when you switch statistics off in the button’s panel, <code>mc_cookies</code> also remembers that choice. The business mentions this in its own notice, and is the one to ask about its site.
        </p>
        <p>
          Statistics stay off by themselves when your browser sends Global Privacy Control or Do Not Track. The call button works all the same.
        </p>

        <h2>What we never do</h2>
        <ul>
          <li>No advertising cookies, and nothing for advertising networks.</li>
          <li>No tracking across sites, and no profiles.</li>
          <li>No statistics services of others.</li>
          <li>A request for a call is never joined to <code>mc_session</code>.</li>
        </ul>

        <h2>Clear what is kept here</h2>
        <p>This removes every Mi Connect entry that these pages have stored in this browser. It also logs you out here, and the notice will show again.</p>
        <Clear />

        <h2>Questions</h2>
        <p>Write to <a href={`mailto:${manifest.contact}`}>{manifest.contact}</a>. How we treat personal data is in the <a href="/privacy">privacy policy</a>.</p>
      </article>
    </Page>
  );
}

function Clear() {
  const [said, say] = useState('');
  return (
    <p class="clear">
      <Button
        look="primary"
        onClick={async () => {
          forgetNotice();
          await logOutQuietly();
          say('Done. Nothing of Mi Connect is stored in this browser now.');
        }}
      >
        Clear Mi Connect preferences
      </Button>
      <span role="status">{said}</span>
    </p>
  );
}
