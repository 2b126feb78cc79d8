import { useEffect, useRef, useState } from 'preact/hooks';
import type { Callback } from '../../lib/api.gen';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';

const HELP: [string, string][] = [
  ['j, k', 'Next and previous request'],
  ['c', 'Call'],
  ['o', 'How did it go?'],
  ['n', 'Write a note'],
  ['/', 'Find'],
  ['?', 'These keys'],
];

interface Props {
  items: Callback[];
  open: Callback | undefined;
  choose: (id: string) => void;
}

/** The keys for who works in the inbox all day. They are silent while something is typed or a dialog is open. */
export function Keys({ items, open, choose }: Props) {
  const [help, setHelp] = useState(false);
  const now = useRef({ items, open, choose });
  now.current = { items, open, choose };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const at = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (at.closest('input, textarea, select, dialog, [contenteditable]')) return;
      if (act(event.key, now.current, () => setHelp(true))) event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
  return (
    <>
      <p class="inbox-keys muted">
        <Button look="bare" small onClick={() => setHelp(true)}>
          Keyboard shortcuts
        </Button>
      </p>
      {help && (
        <Dialog title="Keyboard shortcuts" onClose={() => setHelp(false)}>
          <dl class="keys">
            {HELP.map(([key, what]) => (
              <div key={key}>
                <dt>
                  <kbd>{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <Button onClick={() => setHelp(false)}>Close</Button>
        </Dialog>
      )}
    </>
  );
}

function act(key: string, { items, open, choose }: Props, help: () => void): boolean {
  const at = items.findIndex((item) => item.id === open?.id);
  const focus = (selector: string) => {
    const found = document.querySelector<HTMLElement>(selector);
    found?.focus();
    return found !== null;
  };
  switch (key) {
    case 'j':
    case 'k': {
      const to = items[key === 'j' ? Math.min(at + 1, items.length - 1) : Math.max(at - 1, 0)];
      if (!to) return false;
      choose(to.id);
      return focus(`#request-${CSS.escape(to.id)}`);
    }
    case 'c':
      document.getElementById(`call-${open?.id}`)?.click();
      return open !== undefined;
    case 'o':
      return focus('.request-do button');
    case 'n':
      return focus('.request-note textarea');
    case '/':
      return focus('#inbox-find');
    case '?':
      help();
      return true;
  }
  return false;
}
