import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './button';

/** Copies a text and says so; where the browser refuses, the text is selected instead. */
export function Copy({ value, from, small }: { value: string; from: string; small?: boolean }) {
  const [said, say] = useState('');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      say('Copied');
    } catch {
      const element = document.getElementById(from);
      if (element) getSelection()?.selectAllChildren(element);
      say('Selected. Press Ctrl+C or ⌘C to copy.');
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(() => say(''), 6000);
  };
  return (
    <span class="copy">
      <Button look={small ? 'bare' : 'primary'} small={small} onClick={copy}>
        Copy
      </Button>
      <span role="status" class="copy-said">
        {said}
      </span>
    </span>
  );
}
