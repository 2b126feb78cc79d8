import type { ComponentChildren } from 'preact';
import { Button } from './button';
import { Dialog } from './dialog';
import { type Errors, Form, type FormProps } from './form';

interface Props extends Omit<FormProps, 'children' | 'fields'> {
  title: string;
  /** What stands above the form: what it does, and what cannot be undone. */
  lead?: ComponentChildren;
  fields?: FormProps['fields'];
  button: string;
  danger?: boolean;
  /** The button that changes nothing. */
  keep?: string;
  close: () => void;
  children?: (errors: Errors) => ComponentChildren;
}

/** A dialog that asks for something, or only for a yes: one button does it, the other leaves all as it is. */
export function DialogForm({
  title,
  lead,
  fields = {},
  button,
  danger = false,
  keep = 'Cancel',
  close,
  children,
  ...form
}: Props) {
  return (
    <Dialog title={title} onClose={close}>
      {lead}
      <Form fields={fields} {...form}>
        {({ errors, busy }) => (
          <>
            {children?.(errors)}
            <div class="form-end">
              <Button look={danger ? 'danger' : 'primary'} type="submit" busy={busy}>
                {button}
              </Button>
              <Button look="bare" onClick={close}>
                {keep}
              </Button>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}
