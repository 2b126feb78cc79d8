import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Count, GroupBy, SeriesEntry } from '../../lib/api.gen';
import { number } from '../../lib/format';
import { half } from './half';
import { entryName, slotName } from './range';

// One picture per step, each on its own scale: on a common one the calls asked for could not be seen.
const STEPS: { field: keyof Count; name: string; color: string }[] = [
  { field: 'impressions', name: 'Saw the widget', color: '--stage-1' },
  { field: 'opens', name: 'Opened it', color: '--stage-2' },
  { field: 'submits', name: 'Requested a call', color: '--stage-3' },
];
const HEIGHT = 100;
const HEIGHT_LAST = 126;

export function Bars({ slots, by, about }: { slots: SeriesEntry[]; by: GroupBy; about: string }) {
  const [at, setAt] = useState<number | null>(null);
  const slot = at === null ? undefined : slots[at];
  return (
    <div class="bars">
      <p class="bars-at small muted" aria-hidden="true">
        {slot ? entryName(slot.key, by, true) : 'Point to or tap a bar for details'}
      </p>
      {STEPS.map((step, i) => {
        const sum = slots.reduce((all, one) => all + one[step.field], 0);
        return (
          <div class="bars-row" key={step.field}>
            <p class="bars-name">
              <span>{step.name}</span> <strong>{number(slot ? slot[step.field] : sum)}</strong>
            </p>
            <Plot
              slots={slots}
              step={step}
              axis={i === STEPS.length - 1}
              point={setAt}
              label={`Bar chart, ${about}: ${step.name}, ${number(sum)} visits in total`}
            />
          </div>
        );
      })}
    </div>
  );
}

interface PlotProps {
  slots: SeriesEntry[];
  step: (typeof STEPS)[number];
  axis: boolean;
  point: (index: number | null) => void;
  label: string;
}

function Plot({ slots, step, axis, point, label }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const now = useRef(slots);
  now.current = slots;
  // A refresh only swaps the data; another set of slots, or other colours, needs another plot.
  const frame = `${slots.length} ${slots[0]?.key} ${slots.at(-1)?.key}`;
  const [scheme, setScheme] = useState(0);

  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const changed = () => setScheme((n) => n + 1);
    dark.addEventListener('change', changed);
    return () => dark.removeEventListener('change', changed);
  }, []);

  useEffect(() => {
    const element = box.current!;
    const height = axis ? HEIGHT_LAST : HEIGHT;
    const made = new uPlot(options(element, height, now, step, axis, point), values(now.current, step.field), element);
    plot.current = made;
    const watch = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (width && width !== made.width) made.setSize({ width, height });
    });
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [frame, scheme, axis]);

  useEffect(() => plot.current?.setData(values(slots, step.field)), [slots]);

  return <div class="bars-plot" ref={box} role="img" aria-label={label} />;
}

function values(slots: SeriesEntry[], field: keyof Count): uPlot.AlignedData {
  return [slots.map((_, i) => i), slots.map((slot) => slot[field])];
}

function options(
  element: HTMLElement,
  height: number,
  slots: { current: SeriesEntry[] },
  step: PlotProps['step'],
  axis: boolean,
  point: PlotProps['point'],
): uPlot.Options {
  const css = getComputedStyle(element);
  const color = (name: string) => css.getPropertyValue(name).trim();
  const font = `12px ${css.fontFamily}`;
  const line = { stroke: color('--line'), width: 1 };
  const ink = color('--ink-2');
  const count = slots.current.length;
  return {
    width: element.clientWidth || 300,
    height,
    legend: { show: false },
    padding: [8, 8, axis ? 0 : 7, 0],
    cursor: { y: false, drag: { setScale: false }, points: { show: false }, sync: { key: 'steps' } },
    scales: {
      x: { time: false, range: () => [-0.6, count - 0.4] },
      y: { range: (_u, _min, max) => [0, 2 * half(max)] },
    },
    axes: [
      {
        show: axis,
        font,
        stroke: ink,
        grid: { show: false },
        ticks: { show: false },
        size: 30,
        space: 56,
        incrs: [1, 2, 3, 4, 6, 7, 14, 28],
        values: (_u, splits) =>
          splits.map((i) => (Number.isInteger(i) && slots.current[i] ? slotName(slots.current[i].key) : '')),
      },
      {
        font,
        stroke: ink,
        grid: line,
        ticks: { show: false },
        size: 48,
        splits: (_u, _axis, _min, max) => [0, max / 2, max],
        values: (_u, splits) => splits.map(number),
      },
    ],
    series: [
      {},
      {
        fill: color(step.color),
        stroke: color(step.color),
        width: 0,
        points: { show: false },
        paths: uPlot.paths.bars!({ size: [0.66, 44], radius: 0.18 }),
      },
    ],
    hooks: {
      setCursor: [(u) => point(u.cursor.left !== undefined && u.cursor.left >= 0 ? (u.cursor.idx ?? null) : null)],
    },
  };
}
