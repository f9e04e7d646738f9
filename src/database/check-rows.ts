import { z } from 'zod';
import type { RowShape } from './row-shape.js';

const NAME = /^\s*\/\* [a-z0-9-]+ \*\//;

/** Throws if the statement has no name or a row is not of the shape: keys, types and nulls. */
export function checkRows(text: string, rows: readonly unknown[], shape: RowShape<unknown>): void {
  if (!NAME.test(text)) throw new TypeError(`Start the statement with its name, as /* list-resources */: ${text}`);
  const schema = shape.schema();
  for (const row of rows) {
    const parsed = schema.safeParse(row);
    if (!parsed.success)
      throw new TypeError(`A row is not of its shape: ${z.prettifyError(parsed.error)}\nin: ${text}`);
  }
}
