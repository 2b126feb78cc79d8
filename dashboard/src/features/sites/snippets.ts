// The widget's line as each kind of website takes it. A test runs each in a browser as that platform puts it in.
import type { Site } from '../../lib/api.gen';

export interface Snippet {
  id: string;
  name: string;
  code: string;
  steps: string;
}

/** Where the widget's files are: what the snippet of the site says. */
export const originOf = (site: Pick<Site, 'snippet'>): string => /src="(.+?)\/widget\.js"/.exec(site.snippet)![1]!;

export function snippets(site: Pick<Site, 'key' | 'snippet'>): Snippet[] {
  const src = `${originOf(site)}/widget.js`;
  const line = site.snippet;
  return [
    {
      id: 'html',
      name: 'HTML',
      code: line,
      steps:
        'Paste it before </body> on every page that should show the button. In a site builder, look for “custom ' +
        'code” or “footer scripts”.',
    },
    {
      id: 'tag-manager',
      name: 'Tag manager',
      code: `<script async src="${src}?site=${site.key}"></script>`,
      steps:
        'Google Tag Manager: Tags, New, Custom HTML. Paste it, choose the trigger “All Pages”, save and publish. ' +
        'Tag managers drop attributes, so the site’s key is in the address.',
    },
    {
      id: 'spa',
      name: 'React, Vue, Svelte',
      code: [
        "const script = document.createElement('script');",
        `script.src = '${src}';`,
        `script.dataset.site = '${site.key}';`,
        'document.head.append(script);',
      ].join('\n'),
      steps:
        'Add it to the file that starts your application, such as main.jsx or main.ts. The button stays when the ' +
        'page changes; it is loaded once, also in React’s strict mode.',
    },
    {
      id: 'next',
      name: 'Next.js',
      code: [
        "import Script from 'next/script';",
        '',
        `<Script src="${src}" data-site="${site.key}" strategy="lazyOnload" />`,
      ].join('\n'),
      steps: 'Add it to app/layout.tsx, inside <body> after {children}; with the pages router, to pages/_app.tsx.',
    },
    {
      id: 'wordpress',
      name: 'WordPress',
      code: ["add_action( 'wp_footer', function () {", `  echo '${line}';`, '} );'].join('\n'),
      steps:
        'Add it to functions.php of your child theme, or paste the HTML line into the footer of a plugin for code, ' +
        'such as WPCode. If a plugin combines scripts into one file, leave widget.js out there.',
    },
    {
      id: 'shopify',
      name: 'Shopify',
      code: line,
      steps:
        'Online Store, Themes, Edit code: open layout/theme.liquid, paste it before </body> and save. Checkout pages ' +
        'take no scripts of others, so there is no button there.',
    },
    {
      id: 'wix',
      name: 'Wix',
      code: line,
      steps:
        'Settings, Custom code, Add custom code. Paste it, choose “All pages”, “Load code once” and ' +
        '“Body – end”. Your site needs a domain of its own.',
    },
    {
      id: 'squarespace',
      name: 'Squarespace',
      code: line,
      steps: 'Settings, Advanced, Code injection: paste it under Footer and save.',
    },
    {
      id: 'webflow',
      name: 'Webflow',
      code: line,
      steps: 'Site settings, Custom code: paste it under Footer code, save, and publish the site.',
    },
  ];
}

/** The line of a page that pins a version of the widget. */
export const pinnedLine = (site: Pick<Site, 'key' | 'snippet'>, pin: { path: string; integrity: string }): string =>
  `<script async src="${originOf(site)}${pin.path}" integrity="${pin.integrity}" crossorigin="anonymous" ` +
  `data-site="${site.key}"></script>`;
