import { useEffect, useState } from 'preact/hooks';
import { ApiError } from './api';

/**
 * What the server makes of something that is not saved yet: asked again, as soon as nobody types, when `asked` changes.
 * What it refuses is a problem to be said, and what was shown last stays.
 */
export function usePreview<T>(asked: string, ask: (signal: AbortSignal) => Promise<T>, pause = 400) {
  const [preview, setPreview] = useState<T>();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const now = await ask(stop.signal);
        if (stop.signal.aborted) return;
        setPreview(now);
        setProblem('');
      } catch (error) {
        if (stop.signal.aborted) return;
        setProblem(
          error instanceof ApiError ? (Object.values(error.fields)[0] ?? error.detail) : 'No preview for now.',
        );
      }
    }, pause);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked, pause]);
  return { preview, problem };
}
