import './widget-picture.css';

/** A drawing of the widget on a page: no stock picture, and it follows the reader's colours. */
export function WidgetPicture() {
  return (
    <svg class="widget-picture" viewBox="0 0 240 150" aria-hidden="true">
      <rect class="p-page" x="1" y="1" width="238" height="148" rx="10" />
      <path class="p-line" d="M1 24H239" />
      <circle class="p-soft" cx="14" cy="12.5" r="3" />
      <circle class="p-soft" cx="25" cy="12.5" r="3" />
      <rect class="p-soft" x="20" y="42" width="84" height="9" rx="4.5" />
      <rect class="p-faint" x="20" y="60" width="106" height="6" rx="3" />
      <rect class="p-faint" x="20" y="72" width="92" height="6" rx="3" />
      <rect class="p-faint" x="20" y="94" width="48" height="34" rx="5" />
      <rect class="p-faint" x="76" y="94" width="48" height="34" rx="5" />
      <rect class="p-panel" x="148" y="38" width="78" height="76" rx="8" />
      <rect class="p-soft" x="158" y="49" width="44" height="6" rx="3" />
      <rect class="p-input" x="158" y="63" width="58" height="11" rx="3" />
      <rect class="p-input" x="158" y="79" width="58" height="11" rx="3" />
      <rect class="p-accent" x="158" y="96" width="58" height="10" rx="3" />
      <rect class="p-accent" x="176" y="122" width="50" height="18" rx="9" />
    </svg>
  );
}
