import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api';

export interface Loaded<T> {
  data: T | undefined;
  error: ApiError | undefined;
  reload: () => void;
  set: (data: T) => void;
}

/**
 * Loads when `key` changes, and again every `every` milliseconds while the page is visible. A refresh
 * is quiet: what is shown stays until its successor has come, and a failed refresh keeps it too.
 */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>, every = 0): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: ApiError }>({ key });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let busy = false;

    const next = () => {
      clearTimeout(timer);
      if (every > 0 && !stop.signal.aborted && document.visibilityState === 'visible') timer = setTimeout(run, every);
    };
    const run = async () => {
      if (busy) return;
      busy = true;
      try {
        const data = await latest.current(stop.signal);
        if (!stop.signal.aborted) setState({ key, data });
      } catch (error) {
        if (stop.signal.aborted) return;
        const failure =
          error instanceof ApiError ? error : new ApiError(0, 'unknown', 'Something went wrong. Please try again.');
        setState((before) => ({ key, data: before.key === key ? before.data : undefined, error: failure }));
      } finally {
        busy = false;
        next();
      }
    };
    const seen = () => (document.visibilityState === 'visible' ? every > 0 && run() : clearTimeout(timer));

    run();
    document.addEventListener('visibilitychange', seen);
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [key, every, round]);

  const current = state.key === key;
  return {
    data: current ? state.data : undefined,
    error: current ? state.error : undefined,
    reload: useCallback(() => setRound((n) => n + 1), []),
    set: useCallback((data: T) => setState({ key, data }), [key]),
  };
}
