import { useState } from 'preact/hooks';
import type { Site } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { Copy } from '../../ui/copy';
import { pinnedLine, snippets } from './snippets';

/** The snippet for the kind of website that is chosen, and where it goes. */
export function Platforms({ site }: { site: Site }) {
  const all = snippets(site);
  const [id, choose] = useState(all[0]!.id);
  const chosen = all.find((one) => one.id === id)!;
  return (
    <>
      <div class="field">
        <label for="platform">Your website is made with</label>
        <select id="platform" class="input" value={id} onChange={(event) => choose(event.currentTarget.value)}>
          {all.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </div>
      <pre class="snippet" tabIndex={0} role="region" aria-label="Snippet">
        <code id="snippet">{chosen.code}</code>
      </pre>
      <Copy value={chosen.code} from="snippet" />
      <p class="install-steps">{chosen.steps} It loads after your page and never slows it down.</p>
      <Pinned site={site} />
    </>
  );
}

/** For pages whose rules ask for Subresource Integrity. */
function Pinned({ site }: { site: Site }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="as-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Pin a version (Subresource Integrity)</summary>
      {open && <PinnedLine site={site} />}
    </details>
  );
}

function PinnedLine({ site }: { site: Site }) {
  const { data, error } = useLoad('pinned widget', async (signal) => {
    const answer = await fetch('/widget-pinned.json', { signal });
    if (!answer.ok) throw new Error(String(answer.status));
    return (await answer.json()) as { path: string; integrity: string };
  });
  const line = data && pinnedLine(site, data);
  return (
    <>
      <p>
        Only if your rules ask for it: with this line your pages keep today’s version, and browsers refuse any other. It
        gets no fixes, and works for at least 12 months after a newer version replaces it.
      </p>
      {line && (
        <>
          <pre class="snippet" tabIndex={0} role="region" aria-label="Snippet of a pinned version">
            <code id="pinned">{line}</code>
          </pre>
          <Copy value={line} from="pinned" small />
        </>
      )}
      {error && <p role="status">We couldn’t load the line. Reload the page to try again.</p>}
    </>
  );
}
