import { readFileSync } from 'node:fs';

/** The headers that the CDN adds to every page, read from the template that deploys them. */
export function pageHeaders(): Record<string, string> {
  const template = readFileSync(new URL('../../template.yaml', import.meta.url), 'utf8');
  const start = template.indexOf('\n  PageHeaders:');
  const next = template.slice(start + 1).search(/\n {2}\w+:\n/);
  const part = template.slice(start, start + 1 + next);
  const quoted = (pattern: RegExp) => {
    const found = pattern.exec(part)?.[1];
    if (!found) throw new Error(`template.yaml: PageHeaders has no ${pattern}`);
    return found;
  };
  const headers: Record<string, string> = {
    'content-security-policy': quoted(/ContentSecurityPolicy: "([^"]+)"/),
    'x-content-type-options': 'nosniff',
    'x-frame-options': quoted(/FrameOption: (\w+)/),
    'referrer-policy': quoted(/ReferrerPolicy: ([\w-]+),/),
  };
  for (const [, name, plain, value] of part.matchAll(/\{Header: ([\w-]+), Value: (?:"([^"]*)"|([^,}]+))/g)) {
    headers[name!.toLowerCase()] = plain ?? value!;
  }
  return headers;
}
