import { useEffect, useRef, useState } from 'preact/hooks';

export interface Note {
  text: string;
  action?: { label: string; run: () => void };
  bad?: boolean;
}

const SHOWN = 10_000;
let show: (note: Note | null) => void = () => {};

/** Says something that passes. One at a time: the newest counts. */
export function toast(note: Note): void {
  show(note);
}

/** The one place where passing messages stand. It waits while it is looked at or held by the keyboard. */
export function Toasts() {
  const [note, setNote] = useState<Note | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const start = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setNote(null), SHOWN);
  };
  const hold = () => clearTimeout(timer.current);
  useEffect(() => {
    show = (next) => {
      setNote(next);
      start();
    };
    return hold;
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {note && (
        <div
          class={`toast${note.bad ? ' toast-bad' : ''}`}
          onMouseEnter={hold}
          onMouseLeave={start}
          onFocusIn={hold}
          onFocusOut={start}
        >
          <span>{note.text}</span>
          {note.action && (
            <button
              type="button"
              class="toast-button"
              onClick={() => {
                note.action?.run();
                setNote(null);
              }}
            >
              {note.action.label}
            </button>
          )}
          <button
            type="button"
            class="toast-button toast-close"
            aria-label="Dismiss message"
            onClick={() => setNote(null)}
          >
            <svg viewBox="0 0 16 16" aria-hidden="true">
              <path d="M4 4l8 8M12 4l-8 8" />
            </svg>
          </button>
        </div>
      )}
    </div>
  );
}
