import type { ComponentChildren } from 'preact';

interface Props {
  caption: string;
  head: string[];
  rows: ComponentChildren[][];
}

/** A table of texts, whose cells stand under each other on a narrow screen. The roles keep it a table there. */
export function Stacked({ caption, head, rows }: Props) {
  return (
    <table class="keys" role="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">{head.map((title) => <th key={title} role="columnheader" scope="col">{title}</th>)}</tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, i) => (
          <tr role="row" key={i}>
            {row.map((cell, j) => (j === 0
              ? <th key={j} role="rowheader" scope="row">{cell}</th>
              : <td key={j} role="cell" data-title={head[j]}>{cell}</td>))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
