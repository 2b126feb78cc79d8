import { useState } from 'preact/hooks';
import type { Callback } from '../../lib/api.gen';
import { Button } from '../../ui/button';
import type { Mark } from './use-requests';

interface Props {
  item: Callback;
  works: boolean;
  mark: Mark;
}

/** The team's note. What is being written stays when the list is read again, and when saving fails. */
export function Note({ item, works, mark }: Props) {
  const [text, setText] = useState<string>();
  const [busy, setBusy] = useState(false);
  const id = `note-${item.id}`;
  if (!works)
    return (
      <p class="break">
        <strong>Note:</strong> {item.note}
      </p>
    );
  const changed = text !== undefined && text !== item.note;
  const save = async () => {
    setBusy(true);
    if (await mark(item, { note: text ?? '' })) setText(undefined);
    setBusy(false);
  };
  return (
    <div class="field request-note">
      <label for={id}>Note for your team</label>
      <textarea
        id={id}
        class="input"
        rows={2}
        maxLength={1000}
        value={text ?? item.note}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      {changed && (
        <p>
          <Button small look="primary" busy={busy} onClick={save}>
            Save note
          </Button>
        </p>
      )}
    </div>
  );
}
