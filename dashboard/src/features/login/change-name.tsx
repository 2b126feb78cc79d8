import { call } from '../../lib/api';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { Form, text } from '../../ui/form';

export function ChangeName({ name, close, done }: { name: string; close: () => void; done: () => void }) {
  return (
    <Dialog title="Change name" onClose={close}>
      <Form
        fields={{ name: 'Name' }}
        check={(values): Record<string, string> => (text(values, 'name') ? {} : { name: 'Enter your name.' })}
        send={async (values) => {
          await call('PATCH', '/v1/me', { body: { name: text(values, 'name') } });
          done();
        }}
      >
        {({ errors, busy }) => (
          <>
            <Field
              label="Your name"
              name="name"
              autocomplete="name"
              defaultValue={name}
              hint="Everyone in your accounts sees it."
              error={errors.name}
            />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Change name
              </Button>
              <Button look="bare" onClick={close}>
                Cancel
              </Button>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}
