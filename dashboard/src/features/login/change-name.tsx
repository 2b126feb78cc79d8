import { call } from '../../lib/api';
import { DialogForm } from '../../ui/dialog-form';
import { Field } from '../../ui/field';
import { text } from '../../ui/form';

export function ChangeName({ name, close, done }: { name: string; close: () => void; done: () => void }) {
  return (
    <DialogForm
      title="Change name"
      fields={{ name: 'Name' }}
      check={(values): Record<string, string> => (text(values, 'name') ? {} : { name: 'Enter your name.' })}
      send={async (values) => {
        await call('PATCH', '/v1/me', { body: { name: text(values, 'name') } });
        done();
      }}
      button="Change name"
      close={close}
    >
      {(errors) => (
        <Field
          label="Your name"
          name="name"
          autocomplete="name"
          defaultValue={name}
          hint="Everyone in your accounts sees it."
          error={errors.name}
        />
      )}
    </DialogForm>
  );
}
