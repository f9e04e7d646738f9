/** What one row of ARCHITECTURE.md's import table allows, beside imports within the folder itself. */
export interface AllowedImports {
  readonly everything: boolean;
  readonly values: ReadonlySet<string>;
  /** `import type` only. */
  readonly types: ReadonlySet<string>;
}

const HEADING = '| folder or file of `src` | holds | may import |';
const ITEM = /^(types of )?`([a-z0-9/-]+)`$/;

/** Reads the table by its heading. Throws on a cell that is not a list of folders, so that no row is skipped. */
export function readImportTable(markdown: string): ReadonlyMap<string, AllowedImports> {
  const [, below] = markdown.split(HEADING);
  if (below === undefined) throw new Error(`ARCHITECTURE.md has no table with the heading ${HEADING}`);
  const rows = below.split('\n').slice(2);
  const end = rows.findIndex((row) => !row.startsWith('|'));
  return new Map(rows.slice(0, end).map(readRow));
}

function readRow(row: string): [string, AllowedImports] {
  const [, name, , imports] = row.split('|').map((cell) => cell.trim());
  const folder = /^`([a-z-]+)`$/.exec(name ?? '')?.[1];
  if (folder === undefined || imports === undefined) throw new Error(`cannot read this row: ${row}`);
  if (imports === 'everything') return [folder, { everything: true, values: new Set(), types: new Set() }];
  const values = new Set<string>();
  const types = new Set<string>();
  for (const item of imports === 'nothing' ? [] : imports.split(', ')) {
    const [, isType, target] = ITEM.exec(item) ?? [];
    if (target === undefined) throw new Error(`cannot read ${item} in the row of ${folder}`);
    (isType ? types : values).add(target);
  }
  return [folder, { everything: false, values, types }];
}
