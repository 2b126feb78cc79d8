import { call } from '../../lib/api';
import { DialogForm } from '../../ui/dialog-form';
import { Field } from '../../ui/field';
import { text } from '../../ui/form';

export function RenameAccount({ name, close, done }: { name: string; close: () => void; done: () => void }) {
  return (
    <DialogForm
      title="Rename account"
      fields={{ name: 'Name' }}
      check={(values): Record<string, string> => (text(values, 'name') ? {} : { name: 'Enter a name.' })}
      send={async (values) => {
        await call('PATCH', '/v1/account', { body: { name: text(values, 'name') } });
        done();
      }}
      button="Rename"
      close={close}
    >
      {(errors) => (
        <Field
          label="Name of your company"
          name="name"
          autocomplete="organization"
          defaultValue={name}
          hint="Your people, your agencies and your clients see it."
          error={errors.name}
        />
      )}
    </DialogForm>
  );
}
