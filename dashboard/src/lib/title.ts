// The tab's title: the page's own, after what waits.
let title = '';
let count = '';

const show = () => {
  document.title = count ? `(${count}) ${title}` : title;
};

export function setTitle(text: string): void {
  title = text;
  show();
}

/** Shows how much waits, nothing for "". */
export function setCount(text: string): void {
  count = text;
  show();
}
