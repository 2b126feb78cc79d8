import type { ComponentChild, ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from './button';
import { Page } from './page';
import { Loading } from './states';

export type LazyView<P = object> = ComponentType<P> & { preload: () => Promise<void> };

/**
 * A view that is fetched when it is first wanted, or before, by `preload`. What is no page of its own shows `meanwhile`
 * until it has come.
 */
export function lazy<P extends object = object>(
  load: () => Promise<{ default: ComponentType<P> }>,
  meanwhile?: ComponentChild,
): LazyView<P> {
  let ready: ComponentType<P> | undefined;
  const preload = async () => {
    ready = (await load()).default;
  };
  return Object.assign(Lazy, { preload });

  function Lazy(props: P) {
    const [View, setView] = useState<ComponentType<P> | undefined>(() => ready);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (ready) return;
      let here = true;
      preload().then(
        () => here && setView(() => ready),
        () => here && setFailed(true),
      );
      return () => void (here = false);
    }, []);
    if (View) return <View {...props} />;
    if (meanwhile !== undefined) return meanwhile;
    // A part that has gone from the server was replaced by a newer version of the pages.
    if (failed) {
      return (
        <Page
          title="This page couldn’t be loaded"
          width="narrow"
          lead="There may be a newer version, or you may have lost your connection."
        >
          <Button look="primary" onClick={() => location.reload()}>
            Reload page
          </Button>
        </Page>
      );
    }
    // A screen high, so that the footer does not jump when the view has come.
    return (
      <main id="main" class="page page-wide coming" tabIndex={-1}>
        <Loading />
      </main>
    );
  }
}
