import { heading, text, type View } from '../../../../test/view';

export const VIEWS: View[] = [
  { name: 'home', path: '/', act: heading('The call you would have missed.') },
  {
    name: 'home-yearly',
    path: '/',
    act: async (page) => {
      await page.getByRole('radio', { name: 'Yearly, two months free' }).check();
      await text('£490')(page);
    },
  },
];
