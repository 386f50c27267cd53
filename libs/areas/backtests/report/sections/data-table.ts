import { html, type Markup } from '../markup.ts';

/**
 * One column: its head, and what it shows of a row. On a phone a row is a card, and `label` stands beside the value.
 */
export interface Column<Row> {
  readonly head: string | Markup;
  readonly label?: string;
  readonly number?: boolean;
  /** The value never breaks. */
  readonly whole?: boolean;
  /** The value is shown as a loss. */
  readonly loss?: (row: Row) => boolean;
  readonly show: (row: Row) => string;
}

/** Rows under heads; the first column names the row. */
export function dataTable<Row>(
  caption: Markup,
  [name, ...columns]: readonly [Column<Row>, ...Column<Row>[]],
  rows: readonly Row[],
): Markup {
  const body = (row: Row): Markup => {
    const head = html`<th scope="row"${classes(name.loss?.(row) && 'loss')}>${name.show(row)}</th>`;
    return html`<tr>${head}${columns.map((column) => cell(column, row))}</tr>
`;
  };
  return html`<table class="cards"><caption>${caption}</caption>
<thead><tr>${headCell(name)}${columns.map(headCell)}</tr></thead>
<tbody>${rows.map(body)}</tbody></table>`;
}

function headCell<Row>({ head, number }: Column<Row>): Markup {
  return html`<th scope="col"${classes(number && 'num')}>${head}</th>`;
}

function cell<Row>({ head, label = String(head), number, whole, loss, show }: Column<Row>, row: Row): Markup {
  const kinds = classes(number && 'num', whole && 'nowrap', loss?.(row) && 'loss');
  return html`<td${kinds} data-l="${label}">${show(row)}</td>`;
}

function classes(...names: readonly (string | false | undefined)[]): Markup | null {
  const given = names.filter(Boolean).join(' ');
  return given === '' ? null : html` class="${given}"`;
}
