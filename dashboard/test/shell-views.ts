import { heading, type View } from './view';

export const VIEWS: View[] = [
  // What leads nowhere is answered by the CDN itself; a link within the pages is not asked of it.
  {
    name: 'not-found-inside',
    path: '/app',
    signedIn: true,
    act: async (page) => {
      await page.evaluate(() => {
        const link = Object.assign(document.createElement('a'), { href: '/app/nowhere' });
        document.body.append(link);
        link.click();
        link.remove();
      });
      await heading('Page not found')(page);
    },
  },
];
