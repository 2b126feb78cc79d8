import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { Site, VisitorErasure, VisitorExport } from '../../lib/api.gen';
import { longDateTime, number } from '../../lib/format';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { Form, text } from '../../ui/form';

type Who = { phone: string } | { email: string };
const who = (typed: string): Who => (typed.includes('@') ? { email: typed } : { phone: typed });
const shown = 50;
const requests = (n: number) => `${number(n)} ${n === 1 ? 'request' : 'requests'}`;

/** All pages of an export; tells how many requests it has so far. */
async function everything(site: Site, visitor: Who, progress: (n: number) => void): Promise<VisitorExport> {
  const path = { id: site.id };
  const all = await call('POST', '/v1/sites/{id}/export', { path, body: visitor });
  for (let next = all.next; next; ) {
    progress(all.items.length);
    const page = await call('POST', '/v1/sites/{id}/export', { path, body: { ...visitor, cursor: next } });
    all.items.push(...page.items);
    next = page.next;
  }
  return { ...all, next: null };
}

/** Erases until nothing is left; a call does a part of it. */
async function eraseAll(site: Site, visitor: Who, progress: (n: number) => void): Promise<VisitorErasure> {
  for (let erased = 0; ; progress(erased)) {
    const part = await call('POST', '/v1/sites/{id}/erase', { path: { id: site.id }, body: visitor });
    erased = Math.max(erased, part.erased);
    if (!part.more) return { ...part, erased };
  }
}

/** Finds all that the site has of one visitor; gives a copy, or erases it. */
export function Visitor({ site, erased }: { site: Site; erased: () => void }) {
  const [found, setFound] = useState<{ who: Who; named: string; all: VisitorExport } | null>(null);
  const [asking, setAsking] = useState(false);
  const [done, setErased] = useState(0);
  const [said, say] = useState('');
  return (
    <section class="card" aria-labelledby="privacy-visitor">
      <h2 id="privacy-visitor">Find a visitor’s data</h2>
      <p>
        If a visitor asks for their data, find everything this site has about them by phone number or email. Statistics
        contain no personal data, so they aren’t affected.
      </p>
      <Form
        fields={{ who: 'Phone number or email' }}
        check={(values): Record<string, string> =>
          text(values, 'who') ? {} : { who: 'Enter a phone number or an email address.' }
        }
        send={async (values) => {
          say('');
          setFound(null);
          const named = text(values, 'who');
          try {
            const all = await everything(site, who(named), (n) => say(`${requests(n)} found so far…`));
            setFound({ who: who(named), named, all });
            say(
              all.items.length ? `${requests(all.items.length)} found.` : 'We don’t have any data about this person.',
            );
          } catch (error) {
            say('');
            // One field here is two at the API.
            if (!(error instanceof ApiError)) throw error;
            const { phone, email, ...rest } = error.fields;
            throw new ApiError(
              error.status,
              error.code,
              error.detail,
              { ...rest, ...((phone ?? email) && { who: phone ?? email! }) },
              error.requestId,
            );
          }
        }}
      >
        {({ errors, busy }) => (
          <>
            <Field label="Phone number or email" name="who" autocomplete="off" spellcheck={false} error={errors.who} />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Find
              </Button>
            </div>
          </>
        )}
      </Form>
      <p role="status">{said}</p>
      {found && found.all.items.length > 0 && (
        <>
          <ul class="plain-list">
            {found.all.items.slice(0, shown).map((item) => (
              <li key={item.id}>
                {item.name}, <bdi>{item.phone}</bdi>
                {item.email && (
                  <>
                    , <bdi>{item.email}</bdi>
                  </>
                )}
                : requested {longDateTime(item.createdAt)}, expires {longDateTime(item.expiresAt)}
              </li>
            ))}
          </ul>
          {found.all.items.length > shown && (
            <p class="small muted">
              Showing the latest {shown} of {requests(found.all.items.length)}. The copy includes all of them.
            </p>
          )}
          <div class="buttons">
            <Button onClick={() => download(found.all)}>Download a copy</Button>
            <Button
              look="danger"
              onClick={() => {
                setErased(0);
                setAsking(true);
              }}
            >
              Erase all
            </Button>
          </div>
        </>
      )}
      {found && (
        <>
          {found.all.complaints.length > 0 && (
            <p>
              The copy includes their complaints ({number(found.all.complaints.length)}). Erasing the requests keeps
              complaints until a year after your answer: you need the record.{' '}
              <a href={`/app/complaints?site=${site.id}`}>See complaints</a>
            </p>
          )}
          <p class="small muted">
            When you answer, tell the person that they can complain to you (<bdi>{found.all.rights.complain}</bdi>) and
            to the Information Commissioner (<bdi>{found.all.rights.regulator}</bdi>).
          </p>
        </>
      )}
      {asking && found && (
        <Dialog title="Erase this data?" onClose={() => setAsking(false)}>
          <p>
            {requests(found.all.items.length)} from {found.named} will be permanently deleted. Statistics aren’t
            affected.
          </p>
          <Form
            fields={{}}
            send={async () => {
              const { erased: erasedNow, complaintsKept, rights } = await eraseAll(site, found.who, setErased);
              setAsking(false);
              setFound(null);
              say(
                `${requests(erasedNow)} erased. The receipt is below. ` +
                  (complaintsKept ? 'Complaints are kept until a year after your answer. ' : '') +
                  `Tell the person that they can complain to you (${rights.complain}) and to the Information ` +
                  `Commissioner (${rights.regulator}).`,
              );
              erased();
            }}
          >
            {({ busy }) => (
              <div class="form-end">
                {busy && done > 0 && (
                  <p role="status">
                    {requests(done)} of {number(found.all.items.length)} erased…
                  </p>
                )}
                <Button look="danger" type="submit" busy={busy}>
                  Erase permanently
                </Button>
                {!busy && (
                  <Button look="bare" onClick={() => setAsking(false)}>
                    Keep it
                  </Button>
                )}
              </div>
            )}
          </Form>
        </Dialog>
      )}
    </section>
  );
}

function download(all: VisitorExport): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(all, null, 2)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `visitor-data-${all.exportedAt.slice(0, 10)}.json`;
  link.click();
  URL.revokeObjectURL(address);
}
