import { type Answer, invalid, type Routes, type SignedCall, type SiteCall } from './routes';

function problems(body: Record<string, unknown>, known: string[]): Answer | null {
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown) return invalid(unknown, 'Unknown field.');
  const bad = (body.origins as string[]).findIndex((origin) => origin.includes('refused'));
  return bad < 0 ? null : invalid(`origins[${bad}]`, 'This address is not accepted.');
}

export const signedIn: Routes<SignedCall> = {
  'GET /v1/sites': ({ world }) => ({ status: 200, body: { sites: world.sites } }),
  'POST /v1/sites': ({ world, body }) => {
    const wrong = problems(body, ['name', 'origins', 'timeZone']);
    if (wrong) return wrong;
    const site = world.site(String(body.name), body.origins as string[]);
    if (body.timeZone) site.timeZone = String(body.timeZone);
    return { status: 201, body: site };
  },
};

export const ofSite: Routes<SiteCall> = {
  'GET /v1/sites/{id}': ({ site }) => ({ status: 200, body: site }),
  'PUT /v1/sites/{id}': ({ site, body }) => {
    const wrong = problems(body, ['name', 'origins', 'timeZone', 'retentionDays']);
    if (wrong) return wrong;
    Object.assign(site, body);
    return { status: 200, body: site };
  },
  'POST /v1/sites/{id}/choose': ({ site }) => {
    site.paused = '';
    return { status: 200, body: site };
  },
  'DELETE /v1/sites/{id}': ({ world, site }) => {
    world.sites = world.sites.filter((other) => other !== site);
    return { status: 204 };
  },
};
