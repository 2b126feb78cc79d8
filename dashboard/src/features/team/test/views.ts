import { text, type View } from '../../../../test/view';

export const VIEWS: View[] = [
  {
    name: 'people',
    path: '/app/people',
    signedIn: true,
    given: (world) => {
      world.members = [
        {
          id: 'u_1',
          name: 'Ada Lovelace',
          email: 'ada@acme.example',
          role: 'owner',
          since: '2026-11-01T10:00:00Z',
          secondFactor: true,
          you: true,
        },
      ];
      world.invitations = [
        {
          id: 'i_1',
          email: 'grace@acme.example',
          role: 'agent',
          by: 'Ada Lovelace',
          createdAt: '2026-11-20T10:00:00Z',
          expiresAt: '2026-11-27T10:00:00Z',
        },
      ];
    },
    act: text('Invited by Ada Lovelace'),
  },
  {
    name: 'clients-end',
    path: '/app/clients',
    signedIn: true,
    given: (world) => {
      world.clients = [{ id: 'a_2', name: 'Harbour Physio', payer: 'agency', since: '2026-11-01T10:00:00Z' }];
    },
    act: async (page) => {
      await page.getByRole('button', { name: 'Stop managing Harbour Physio' }).click();
      await text('If nobody else has access')(page);
    },
  },
];
