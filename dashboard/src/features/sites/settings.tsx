import { useRef, useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { Site } from '../../lib/api.gen';
import { navigate } from '../../lib/router';
import { Button } from '../../ui/button';
import { DialogForm } from '../../ui/dialog-form';
import { Field } from '../../ui/field';
import { Form } from '../../ui/form';
import { toast } from '../../ui/toast';
import { ZoneSelect } from '../../ui/zone-select';
import { Design } from './design';
import { checkSite, OriginFields, RetentionSelect, siteBody, siteFields, ZONE_HINT } from './site-fields';
import './sites.css';

export function Settings({ site, changed }: { site: Site; changed: (site: Site) => void }) {
  const [deleting, setDeleting] = useState(false);
  const version = useRef(0);
  return (
    <div class="settings">
      <section aria-labelledby="settings-site">
        <h2 id="settings-site">Site</h2>
        <Form
          fields={siteFields}
          check={checkSite}
          send={async (values) => {
            const saved = await call('PUT', '/v1/sites/{id}', { path: { id: site.id }, body: siteBody(values) });
            version.current++;
            changed(saved);
            toast({ text: 'Saved.' });
          }}
        >
          {({ errors, busy }) => (
            <div key={version.current}>
              <Field label="Name" name="name" autocomplete="off" defaultValue={site.name} error={errors.name} />
              <OriginFields start={site.origins} errors={errors} />
              <ZoneSelect value={site.timeZone} hint={ZONE_HINT} error={errors.timeZone} />
              <RetentionSelect value={site.retentionDays} error={errors.retentionDays} />
              <div class="form-end">
                <Button look="primary" type="submit" busy={busy}>
                  Save
                </Button>
              </div>
            </div>
          )}
        </Form>
      </section>
      <Design site={site} />
      <section aria-labelledby="settings-delete" class="danger-zone">
        <h2 id="settings-delete">Delete site</h2>
        <p>
          The widget stops working within a minute, and the inbox and statistics can no longer be opened. Visitors’
          requests are erased when they are {site.retentionDays} days old.
        </p>
        <Button look="danger" onClick={() => setDeleting(true)}>
          Delete site
        </Button>
      </section>
      {deleting && <DeleteDialog site={site} close={() => setDeleting(false)} />}
    </div>
  );
}

function DeleteDialog({ site, close }: { site: Site; close: () => void }) {
  return (
    <DialogForm
      title={`Delete ${site.name}?`}
      lead={
        <p>
          You lose access to the inbox and statistics, and the snippet on your pages stops working. This can’t be
          undone.
        </p>
      }
      fields={{ confirm: 'Confirmation' }}
      check={(values) => {
        const errors: Record<string, string> = {};
        if (String(values.get('confirm')).trim() !== site.name.trim())
          errors.confirm = `Type “${site.name}” exactly as shown.`;
        return errors;
      }}
      send={async () => {
        try {
          await call('DELETE', '/v1/sites/{id}', { path: { id: site.id } });
        } catch (error) {
          if (!(error instanceof ApiError) || error.status !== 404) throw error;
        }
        navigate('/app', { replace: true });
        toast({ text: `${site.name} has been deleted.` });
      }}
      button="Delete permanently"
      danger
      keep="Keep it"
      close={close}
    >
      {(errors) => (
        <Field
          label={`Type ${site.name} to confirm`}
          name="confirm"
          autocomplete="off"
          spellcheck={false}
          error={errors.confirm}
        />
      )}
    </DialogForm>
  );
}
