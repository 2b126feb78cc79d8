import { useState } from 'preact/hooks';
import manifest from '../../../../shared/policy/manifest.json';
import { call } from '../../lib/api';
import { longDate } from '../../lib/format';
import { logOutQuietly } from '../../lib/log-out';
import { forget } from './cookie-choice';
import './policy.css';
import { Button } from '../../ui/button';
import { Page } from '../../ui/page';
import { Stacked } from '../../ui/stacked';

const updated = manifest.history.at(-1)!.date;
const code = (name: string) => (name.startsWith('mc_') ? <code>{name}</code> : name);

export default function Cookies() {
  return (
    <Page
      title="Cookie policy"
      width="policy"
      lead={
        <>
          Last updated <time dateTime={updated}>{longDate(updated)}</time>
        </>
      }
    >
      <article class="policy">
        <p class="policy-first">
          Mi Connect sets no cookies of its own. It keeps three small entries in your browser’s storage, each with one
          purpose. None is for advertising, none follows you from site to site, and nothing is shared with advertising
          networks.
        </p>

        <h2>Everything we keep on a device</h2>
        <Stacked
          caption="Storage of Mi Connect"
          head={['Name', 'Where', 'Type', 'Purpose', 'Duration', 'Set by']}
          rows={manifest.storage.map((key) => [
            code(key.name),
            key.where,
            key.type,
            key.purpose,
            key.duration,
            key.setBy,
          ])}
        />
        <p>
          What is in localStorage stays on your device and is never transmitted unless you actively use the service.
        </p>

        <h2>Everything our pages and the widget contact</h2>
        <Stacked
          caption="Hosts that are contacted"
          head={['Host', 'What for', 'Whose']}
          rows={manifest.hosts.map((host) => [
            host.host === '{origin}' ? location.host : host.host,
            host.purpose,
            host.setBy,
          ])}
        />

        <h2>On our customers’ websites</h2>
        <p>
          A business that uses Mi Connect has our call button on its pages. There, nothing is set but{' '}
          <code>mc_session</code>. Only when you switch statistics off in the button’s panel, <code>mc_cookies</code>{' '}
          also remembers that choice. The business mentions this in its own notice, and is the one to ask about its
          site.
        </p>
        <p>
          Statistics stay off by themselves when your browser sends Global Privacy Control or Do Not Track. The call
          button works all the same.
        </p>

        <h2>What we never do</h2>
        <ul>
          <li>No advertising cookies, and nothing for advertising networks.</li>
          <li>No tracking across sites, and no profiles.</li>
          <li>No statistics services of others.</li>
          <li>
            A request for a call is never joined to <code>mc_session</code>.
          </li>
        </ul>

        <h2>Clear what is kept here</h2>
        <Clear />
        <p>
          A button on this page reaches this website only. What the widget keeps on a customer’s website can be removed
          only there: open the call button on that site and switch “Anonymous statistics” off.
        </p>

        <h2>In your browser</h2>
        <p>You can see and delete everything yourself, on any website. These are the places:</p>
        <ul>
          <li>
            <strong>Chrome and Edge:</strong> the icon left of the address, then “Cookies and site data”, then “Manage”.
          </li>
          <li>
            <strong>Firefox:</strong> the padlock left of the address, then “Clear cookies and site data”.
          </li>
          <li>
            <strong>Safari:</strong> Settings, Privacy, “Manage Website Data”. On an iPhone: Settings, Apps, Safari,
            Advanced, “Website Data”.
          </li>
          <li>
            <strong>A private window</strong> forgets all of it when it is closed.
          </li>
        </ul>
        <p>
          Blocking storage for this website logs you out on every page visit. Blocking it on a customer’s website stops
          the counting there; the call button goes on working.
        </p>

        <h2>What has changed</h2>
        <ul>
          {manifest.history.toReversed().map((change) => (
            <li key={change.revision + change.text}>
              <time dateTime={change.date}>{longDate(change.date)}</time>: {change.changes.join(' ')}{' '}
              <span class="muted small">Revision {change.revision}</span>
            </li>
          ))}
        </ul>

        <h2>Questions</h2>
        <p>
          Write to <a href={`mailto:${manifest.contact}`}>{manifest.contact}</a>. How we treat personal data is in the{' '}
          <a href="/privacy">privacy policy</a>.
        </p>
      </article>
    </Page>
  );
}

/** Forgets the answer here, whether or not the server can take note of it. */
function forgetNotice(): void {
  const receipt = forget();
  if (receipt) call('DELETE', '/v1/consent/{id}', { path: { id: receipt }, open: true }).catch(() => {});
}

function Clear() {
  const [said, say] = useState('');
  return (
    <>
      <p>
        The first button removes that you accepted the notice, which will then show again. The second also removes your
        login, so that nothing of Mi Connect is left in this browser.
      </p>
      <div class="clear">
        <Button
          look="primary"
          onClick={() => {
            forgetNotice();
            say('Done. Your Mi Connect preferences are cleared.');
          }}
        >
          Clear Mi Connect preferences
        </Button>
        <Button
          onClick={async () => {
            forgetNotice();
            await logOutQuietly();
            say('Done. Nothing of Mi Connect is stored in this browser now.');
          }}
        >
          Clear everything, including the login
        </Button>
        <span role="status">{said}</span>
      </div>
    </>
  );
}
