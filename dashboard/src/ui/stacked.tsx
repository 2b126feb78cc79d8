import type { ComponentChildren } from 'preact';
import './styles/stacked.css';

interface Props {
  caption: string;
  head: string[];
  rows: ComponentChildren[][];
  /** The cells are a few words each: on a narrow screen their titles stand beside them. */
  short?: boolean;
}

/** A table of texts, whose cells stand under each other on a narrow screen. The roles keep it a table there. */
export function Stacked({ caption, head, rows, short }: Props) {
  return (
    <table class={`stacked${short ? ' stacked-short' : ''}`} role="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {head.map((title) => (
            <th key={title} role="columnheader" scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row, i) => (
          <tr role="row" key={i}>
            {row.map((cell, j) =>
              j === 0 ? (
                <th key={j} role="rowheader" scope="row">
                  {cell}
                </th>
              ) : (
                <td key={j} role="cell" data-title={head[j]}>
                  {cell}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
