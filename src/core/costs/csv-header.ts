/** The columns that we read, as the provider prints them. */
const PRINTED = {
  product: 'product',
  groupDescription: 'group_description',
  description: 'description',
  hours: 'hours',
  start: 'start',
  end: 'end',
  amount: 'USD',
  projectName: 'project_name',
  category: 'category',
} as const;
export type CostColumn = keyof typeof PRINTED;

/** Without one of these a line would be wrong; the others were not always there (`category` came in 2021). */
const REQUIRED: readonly CostColumn[] = ['product', 'description', 'start', 'end', 'amount'];

/** Where each column stands in a record; null where the invoice has no such column. */
export interface CostColumns {
  readonly cellCount: number;
  readonly at: Readonly<Record<CostColumn, number | null>>;
}

const COLUMN_BY_NAME = new Map(
  Object.entries(PRINTED).map(([column, name]) => [normalise(name), column as CostColumn]),
);

/**
 * Columns by their names: in any order and case, with spaces or underscores, a byte order mark before the first.
 * Columns that we do not know are left alone.
 */
export function readCostHeader(cells: readonly string[]): CostColumns | { readonly error: string } {
  const found = new Map<CostColumn, number>();
  for (const [position, cell] of cells.entries()) {
    const column = COLUMN_BY_NAME.get(normalise(cell));
    if (!column) continue;
    if (found.has(column)) return { error: `the header has the column ${PRINTED[column]} twice` };
    found.set(column, position);
  }
  const missing = REQUIRED.filter((column) => !found.has(column)).map((column) => PRINTED[column]);
  if (missing.length > 0) {
    return { error: `the header lacks the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}` };
  }
  const at = Object.fromEntries(
    (Object.keys(PRINTED) as CostColumn[]).map((column) => [column, found.get(column) ?? null]),
  ) as Record<CostColumn, number | null>;
  return { cellCount: cells.length, at };
}

function normalise(name: string): string {
  return name
    .replace(/^\uFEFF/, '')
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '_');
}
