import type { SavedDesign, WidgetDesign } from '../../src/lib/api.gen';
import { type Routes, refuse, type SiteCall } from './routes';

/** What a site starts from. */
const suggested: WidgetDesign = {
  colour: '#0f766e',
  scheme: 'page',
  position: 'right',
  sideOffset: 20,
  bottomOffset: 20,
  shape: 'pill',
  language: 'en',
  languages: ['en', 'cy', 'pl', 'fr', 'de', 'es', 'ar'],
  texts: {},
  fields: { name: 'needed', email: 'optional', message: 'optional' },
  privacyUrl: '',
  promise: true,
  triggers: { afterSeconds: 0, scrolledPercent: 0, onExit: false, pages: [] },
  version: 0,
};

export const ofSite: Routes<SiteCall> = {
  'GET /v1/sites/{id}/widget': ({ world, site }) => ({
    status: 200,
    body: world.designs.get(site.id) ?? { design: suggested, previous: null },
  }),
  'PUT /v1/sites/{id}/widget': ({ world, site, body }) => {
    const design = body as unknown as WidgetDesign;
    const was = world.designs.get(site.id)?.design ?? suggested;
    if (design.privacyUrl && !/^https?:/.test(design.privacyUrl))
      return refuse(400, 'invalid', 'Some fields are invalid.', [
        { field: 'privacyUrl', message: 'Enter the address of your privacy notice.' },
      ]);
    if (design.version !== was.version)
      return refuse(409, 'conflict', 'Someone else changed this at the same time. Reload and try again.');
    const saved: SavedDesign = { design: { ...design, version: was.version + 1 }, previous: was };
    world.designs.set(site.id, saved);
    return { status: 200, body: saved };
  },
  'POST /v1/sites/{id}/widget/preview': ({ body }) => {
    const { colour, texts } = body as unknown as WidgetDesign;
    const pale = colour === '#ffff00';
    return {
      status: 200,
      body: {
        look: `--accent:${colour};--on:${pale ? '#000000' : '#ffffff'}`,
        labels: { en: texts.en?.button || 'Request a call', cy: 'Gofyn am alwad' },
        contrast: pale ? { text: 19.55, page: 1.07, enough: false } : { text: 5.47, page: 5.47, enough: true },
      },
    };
  },
};
