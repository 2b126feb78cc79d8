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

// As the page is built nobody knows yet where it will be served.
const here = typeof document === 'undefined' ? 'This website' : location.host;
const { contact } = manifest;
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
          Mi Connect sets no cookies of its own. It keeps three small entries in your browser’s storage, and what shows
          you notifications if you turn them on, each for a single purpose. None is used for advertising or to follow
          you from site to site, and nothing is shared with ad networks.
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

        <h2>Servers our pages and the widget contact</h2>
        <Stacked
          caption="Hosts that are contacted"
          head={['Host', 'Purpose', 'Operated by']}
          rows={manifest.hosts.map((host) => [host.host === '{origin}' ? here : host.host, host.purpose, host.setBy])}
        />

        <h2>On our customers’ websites</h2>
        <p>
          A business that uses Mi Connect has our call button on its pages. There, we set only <code>mc_session</code>.
          If you switch statistics off in the button’s panel, <code>mc_cookies</code> remembers that choice. The
          business’s own privacy notice covers this; ask the business about its site.
        </p>
        <p>
          Statistics are off automatically if your browser sends Global Privacy Control or Do Not Track. The call button
          still works.
        </p>

        <h2>What we never do</h2>
        <ul>
          <li>No advertising cookies, and nothing shared with ad networks.</li>
          <li>No cross-site tracking and no profiling.</li>
          <li>No third-party analytics.</li>
          <li>
            Callback requests are never linked to <code>mc_session</code>.
          </li>
        </ul>

        <h2>Clear what’s stored on this site</h2>
        <Clear />
        <p>
          The buttons on this page affect this website only. To remove what the widget stores on a customer’s website,
          open the call button on that site and switch “Anonymous statistics” off.
        </p>

        <h2>Browser settings</h2>
        <p>You can view and delete site data in your browser at any time:</p>
        <ul>
          <li>
            <strong>Chrome and Edge:</strong> select the icon to the left of the address, then “Cookies and site data”,
            then “Manage”.
          </li>
          <li>
            <strong>Firefox:</strong> select the padlock to the left of the address, then “Clear cookies and site data”.
          </li>
          <li>
            <strong>Safari:</strong> go to Settings, Privacy, “Manage Website Data”. On an iPhone, go to Settings, Apps,
            Safari, Advanced, “Website Data”.
          </li>
          <li>
            <strong>Private windows</strong> delete it all when you close them.
          </li>
        </ul>
        <p>
          If you block storage for this website, you’ll be logged out on every page visit. If you block it on a
          customer’s website, we stop counting there; the call button still works.
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
          Write to <a href={`mailto:${contact}`}>{contact}</a>. How we treat personal data is in the{' '}
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
        The first button clears your choice about the cookie notice, so it will appear again. The second also logs you
        out, so that nothing from Mi Connect is left in this browser.
      </p>
      <div class="clear">
        <Button
          look="primary"
          onClick={() => {
            forgetNotice();
            say('Your Mi Connect preferences have been cleared.');
          }}
        >
          Clear Mi Connect preferences
        </Button>
        <Button
          onClick={async () => {
            forgetNotice();
            await logOutQuietly();
            say('Mi Connect no longer stores anything in this browser.');
          }}
        >
          Clear everything and log out
        </Button>
        <span role="status">{said}</span>
      </div>
    </>
  );
}
