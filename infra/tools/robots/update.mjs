// Writes shared/connect/robots.txt of the patterns of isbot (Unlicense), and the agents that it is tested with: those
// that crawler-user-agents (MIT) has seen of robots, and user-agents (BSD-2-Clause) of people's browsers. What is no
// plain text with an edge has to be named here, or the update stops: somebody looks at it.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(join(process.cwd(), '.tools/robots/package.json'));
const folder = (name) => dirname(require.resolve(name)).replace(/\/dist$/, '');
const { list } = await import(require.resolve('isbot').replace(/\.js$/, '.mjs'));

// A browser that a program drives may be a test or a person's tool, and counts as a visit. So do apps that show
// pages.
const LEFT = new Set([
  'headless',
  'phantomjs',
  'playwright',
  'selenium',
  'cypress/',
  'chromeframe',
  'cursor/',
  '^snapchat',
  '^navermailapp',
  '^ddg[_-]android',
]);
// What no browser begins with, and what names no engine, is found by that (noBrowser); bots by namesBot.
const IN_CODE = [
  /^\^(?!mozilla)/,
  /^\(\?<! cu\)bots/,
  /^\\b\\w\+\/1/,
  /^;\\s/,
  /^@\[a-z\]/,
  /^\^mozilla\\\/|^\^mozilla\//,
];
const REWRITTEN = new Map([
  [' daum[ /]', [' daum ', ' daum/']],
  ['(?:^|[^g])news(?!sapphire)', ['(?<!g)news(?!sapphire)']],
  [
    '(?<! channel/|google/)google(?!(?:wv|app|/google| pixel))',
    ['(?<! channel/|google/)google(?!wv|app|/google| pixel)'],
  ],
  ['ptst[ /]\\d', ['ptst ', 'ptst/']],
]);

const EDGES = /^(?:\\b|\(\?<![^()\\[\]]+\))?((?:[^\\^$.|?*+()[\]{}]|\\[^a-zA-Z])+)(?:\\b|\(\?![^()\\[\]]+\))?$/;
const out = [];
for (const pattern of list) {
  if (LEFT.has(pattern) || IN_CODE.some((one) => one.test(pattern))) continue;
  for (const line of REWRITTEN.get(pattern) ?? [pattern]) {
    if (!EDGES.test(line)) throw new Error(`a pattern of a new kind, to be named in update.mjs: ${line}`);
    out.push(line);
  }
}
const version = (name) => JSON.parse(readFileSync(join(folder(name), 'package.json'))).version;
const head = `# Of isbot ${version('isbot')} (https://github.com/omrilotan/isbot, Unlicense): \`make robots\`.
# A word of a robot's agent in lower case; \\b is the edge of a word, (?<!x) and (?!x) what it does not follow and what
# does not follow it.
`;
writeFileSync('shared/connect/robots.txt', `${head}${out.sort().join('\n')}\n`);

const crawlers = JSON.parse(readFileSync(join(folder('crawler-user-agents'), 'crawler-user-agents.json')));
const agents = (name, from, all) => {
  const lines = [...new Set(all)].filter((one) => one && !one.includes('\n')).sort();
  writeFileSync(`shared/connect/testdata/${name}`, `# ${from} ${version(from)}\n${lines.join('\n')}\n`);
};
agents(
  'robots.txt',
  'crawler-user-agents',
  crawlers.flatMap((one) => one.instances),
);
const notices = ['crawler-user-agents', 'user-agents'].map(
  (name) => `Of ${name}, the agents beside this are.\n\n${readFileSync(join(folder(name), 'LICENSE'))}`,
);
writeFileSync('shared/connect/testdata/LICENSES', notices.join('\n'));
const seen = JSON.parse(readFileSync(join(folder('user-agents'), 'dist/user-agents.json')));
agents(
  'browsers.txt',
  'user-agents',
  seen.map((one) => one.userAgent),
);
