import type { ComponentChildren } from 'preact';

interface Props {
  caption: string;
  head: string[];
  rows: ComponentChildren[][];
  shownCaption?: boolean;
}

/** First column names the row, the rest are figures. */
export function Table({ caption, head, rows, shownCaption }: Props) {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption class={shownCaption ? undefined : 'visually-hidden'}>{caption}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) =>
                j === 0 ? (
                  <th key={j} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={j}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The figures behind a picture. */
export function AsTable(props: Props) {
  return (
    <details class="as-table">
      <summary>Show as a table</summary>
      <Table {...props} />
    </details>
  );
}
