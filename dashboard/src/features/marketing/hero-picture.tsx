import { stagePath } from '../../ui/stage-path';

const STAGES: [number, number][] = [
  [1, 0.34],
  [0.34, 0.12],
  [0.12, 0.12],
];

/** The widget on a page and the funnel that comes of it, drawn in the reader's own colours. */
export function HeroPicture() {
  return (
    <svg class="hero-picture" viewBox="0 0 576 520" aria-hidden="true">
      <rect class="d-window" x="1" y="1" width="470" height="340" rx="16" />
      <path class="d-line" d="M1 40H471" />
      <circle class="d-dot" cx="24" cy="20.5" r="5" />
      <circle class="d-dot" cx="42" cy="20.5" r="5" />
      <circle class="d-dot" cx="60" cy="20.5" r="5" />
      <rect class="d-field" x="88" y="11" width="190" height="19" rx="9.5" />
      <text class="d-quiet" x="102" y="25" font-size="11.5">
        harbour-physio.example
      </text>

      <rect class="d-bar" x="34" y="72" width="150" height="20" rx="5" />
      <rect class="d-bar" x="34" y="100" width="112" height="20" rx="5" />
      <rect class="d-pale" x="34" y="140" width="214" height="9" rx="4.5" />
      <rect class="d-pale" x="34" y="158" width="196" height="9" rx="4.5" />
      <rect class="d-pale" x="34" y="176" width="156" height="9" rx="4.5" />
      <rect class="d-pale" x="34" y="216" width="98" height="92" rx="9" />
      <rect class="d-pale" x="146" y="216" width="98" height="92" rx="9" />

      <g class="d-raised">
        <rect class="d-panel" x="304" y="74" width="258" height="296" rx="18" />
        <text class="d-ink d-bold" x="326" y="112" font-size="19">
          Shall we call you?
        </text>
        <text class="d-quiet" x="326" y="134" font-size="12.5">
          Now, or when it suits you.
        </text>
        <rect class="d-field" x="326" y="152" width="214" height="38" rx="8" />
        <text class="d-ink" x="340" y="176" font-size="14">
          Grace Hopper
        </text>
        <rect class="d-field d-focus" x="326" y="200" width="214" height="38" rx="8" />
        <text class="d-ink" x="340" y="224" font-size="14">
          07700 900123
        </text>
        <path class="d-caret" d="M433 210v18" />
        <rect class="d-chip" x="326" y="252" width="58" height="30" rx="15" />
        <text class="d-ink" x="355" y="272" font-size="13" text-anchor="middle">
          Now
        </text>
        <rect class="d-chip d-chosen" x="392" y="252" width="64" height="30" rx="15" />
        <text class="d-accent-ink d-bold" x="424" y="272" font-size="13" text-anchor="middle">
          15:30
        </text>
        <rect class="d-chip" x="464" y="252" width="76" height="30" rx="15" />
        <text class="d-ink" x="502" y="272" font-size="13" text-anchor="middle">
          Tomorrow
        </text>
        <rect class="d-button" x="326" y="302" width="214" height="44" rx="10" />
        <text class="d-on d-bold" x="433" y="329" font-size="15" text-anchor="middle">
          Call me at 15:30
        </text>
      </g>

      <g class="d-raised">
        <rect class="d-panel" x="60" y="358" width="350" height="150" rx="18" />
        <g font-size="12.5">
          <text class="d-quiet" x="82" y="386">
            Saw it
          </text>
          <text class="d-quiet" x="192" y="386">
            Opened it
          </text>
          <text class="d-quiet" x="302" y="386">
            Asked
          </text>
        </g>
        <g class="d-ink d-bold" font-size="24" letter-spacing="-0.6">
          <text x="82" y="414">
            1,204
          </text>
          <text x="192" y="414">
            101
          </text>
          <text x="302" y="414">
            24
          </text>
        </g>
        <g transform="translate(82 428) scale(1.02 0.62)">
          {STAGES.map(([from, to], i) => (
            <path key={i} class={`d-stage-${i + 1}`} d={stagePath(i, from, to)} />
          ))}
        </g>
      </g>
    </svg>
  );
}
