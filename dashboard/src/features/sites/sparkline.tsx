const WIDTH = 120;
const HEIGHT = 28;

/** Numbers of days as bars, the last today. What it shows is said in words beside it. */
export function Sparkline({ days, label }: { days: number[]; label: string }) {
  const most = Math.max(...days, 1);
  const step = WIDTH / days.length;
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      {days.map((n, day) => {
        const height = Math.max((n / most) * HEIGHT, 1);
        return <rect key={day} x={day * step} y={HEIGHT - height} width={step - 2} height={height} />;
      })}
    </svg>
  );
}
