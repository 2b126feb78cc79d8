/** An element with attributes and children. Text stays text, so Trusted Types has nothing to object to. */
export function h<E extends Element = HTMLElement>(
  tag: string,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): E {
  const element = document.createElement(tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]!);
  element.append(...children);
  return element as Element as E;
}

/** Adopts a style sheet: `style-src 'none'` allows that, and only that. Browsers that cannot get an element. */
export function adopt(root: ShadowRoot, css: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    root.append(h('style', {}, css));
  }
}
