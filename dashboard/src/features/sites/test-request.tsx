import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { Site } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';

async function newest(site: Site, signal?: AbortSignal): Promise<string> {
  const { items } = await call('GET', '/v1/sites/{id}/callbacks', { path: { id: site.id }, ...(signal && { signal }) });
  return items[0]?.id ?? '';
}

/** Opens a page of the site, and says when what was sent there has come. */
export function TestRequest({ site }: { site: Site }) {
  const [before, begin] = useState<Promise<string>>();
  return (
    <div class="test-request">
      <p>
        <a
          class="button button-plain"
          href={site.origins[0]}
          target="_blank"
          rel="noreferrer"
          onClick={() => begin(newest(site))}
        >
          Open my page and send a test request
        </a>
      </p>
      <p class="field-hint">
        {new URL(site.origins[0]!).host} opens in a new tab. Press the button there and ask for a call to a number of
        your own.
      </p>
      <div role="status">{before && <Awaited site={site} before={before} />}</div>
    </div>
  );
}

function Awaited({ site, before }: { site: Site; before: Promise<string> }) {
  const { data, error } = useLoad(
    `test ${site.id}`,
    async (signal) => {
      // What was there when the page was opened; asked for again if it could not be had.
      const [old, now] = await Promise.all([before.catch(() => ''), newest(site, signal)]);
      return { come: now !== old, first: old === '' };
    },
    2000,
  );
  if (data?.come)
    return (
      <p class="check check-good">
        <strong>Your {data.first ? 'first' : 'test'} request is in the inbox.</strong>{' '}
        <a href={`/app/sites/${site.id}/inbox`}>Open the inbox</a>
      </p>
    );
  return (
    <p class="check">{error ? `We couldn’t look into the inbox. ${error.detail}` : 'Waiting for your request…'}</p>
  );
}
