import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';

interface Reply {
  statusCode: number;
  headers: Record<string, { value: string }>;
  body: { data: string };
}
type Routed = { uri: string } | Reply;

/** The function that the CDN runs before each request of a page, read from the template that deploys it. */
export function pageRouter(origin: () => string): (path: string) => Routed {
  const template = readFileSync(new URL('../../template.yaml', import.meta.url), 'utf8');
  const found = /\n {6}FunctionCode: !Sub \|\n((?: {8}.*\n|\n)+)/.exec(template)?.[1];
  if (!found) throw new Error('template.yaml: PageRouter has no FunctionCode');
  const code = found.replaceAll(/^ {8}/gm, '');
  return (path) => {
    const context: { event: object; result?: Routed } = { event: { request: { uri: path } } };
    runInNewContext(`${code.replaceAll(/\$\{Origin\}/g, origin())}\nresult = handler(event);`, context);
    return context.result!;
  };
}
