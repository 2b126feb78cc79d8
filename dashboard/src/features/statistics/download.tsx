import { useState } from 'preact/hooks';
import { detailOf } from '../../lib/api';
import type { Site, Statistics } from '../../lib/api.gen';
import { Button } from '../../ui/button';
import { toast } from '../../ui/toast';
import { loadPromises } from './promises';

/** Saves what the page shows. */
export function Download({ site, stats }: { site: Site; stats: Statistics }) {
  const [busy, setBusy] = useState<'csv' | 'json'>();
  const download = async (format: 'csv' | 'json') => {
    setBusy(format);
    try {
      const [{ saveStatistics }, promises] = await Promise.all([import('./export'), loadPromises(site, stats)]);
      saveStatistics(format, stats, promises);
    } catch (failure) {
      toast({ text: detailOf(failure), bad: true });
    }
    setBusy(undefined);
  };
  return (
    <div class="statistics-download">
      <Button small busy={busy === 'csv'} onClick={() => download('csv')}>
        Download CSV
      </Button>
      <Button small busy={busy === 'json'} onClick={() => download('json')}>
        Download JSON
      </Button>
    </div>
  );
}
