import { call } from '../../lib/api';
import { ownZone } from '../../lib/format';
import { navigate } from '../../lib/router';
import { Button, ButtonLink } from '../../ui/button';
import { Field } from '../../ui/field';
import { Form } from '../../ui/form';
import { Page } from '../../ui/page';
import { ZoneSelect } from '../../ui/zone-select';
import { checkSite, OriginFields, siteBody, siteFields, ZONE_HINT } from './site-fields';
import './sites.css';

export function NewSite() {
  return (
    <Page title="Add a site" width="column" lead="Next, you’ll get a line of code to add to your pages.">
      <Form
        fields={siteFields}
        check={checkSite}
        send={async (values) => {
          const site = await call('POST', '/v1/sites', { body: siteBody(values) });
          navigate(`/app/sites/${site.id}/install`, { replace: true });
        }}
      >
        {({ errors, busy }) => (
          <>
            <Field
              label="Name"
              name="name"
              autocomplete="off"
              hint="Visitors see this name: “Acme Dental will call you back”."
              error={errors.name}
            />
            <OriginFields start={[]} errors={errors} />
            <ZoneSelect value={ownZone()} hint={ZONE_HINT} error={errors.timeZone} />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Add site
              </Button>
              <ButtonLink href="/app" look="bare">
                Cancel
              </ButtonLink>
            </div>
          </>
        )}
      </Form>
    </Page>
  );
}
