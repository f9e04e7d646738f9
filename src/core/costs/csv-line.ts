import { type DecimalText, isDecimalText } from '../money/decimal-text.js';
import type { CostColumn, CostColumns } from './csv-header.js';
import { parseProviderAmount } from './provider-money.js';
import { parseProviderTime } from './provider-time.js';

/** One row of an invoice's CSV. What stands empty there is null. */
export interface CostLineDraft {
  readonly lineNumber: number;
  readonly product: string;
  readonly groupDescription: string | null;
  readonly description: string;
  /** As printed: a backup's are the number of backups, a droplet's are rounded or wrong; no amount follows from them. */
  readonly hours: DecimalText | null;
  readonly startsAt: Date | null;
  /** A droplet's line ends at the first instant of the next month: no period follows from it. */
  readonly endsAt: Date | null;
  /** In `PROVIDER_CURRENCY`; negative for a credit. */
  readonly amountCents: number;
  readonly projectName: string | null;
  readonly category: string | null;
}

export interface CostLineError {
  readonly error: { readonly lineNumber: number; readonly reason: string };
}

/** Reads one record under its header; `lineNumber` is the caller's count, and comes back in the line or the error. */
export function readCostLine(
  columns: CostColumns,
  record: readonly string[],
  lineNumber: number,
): CostLineDraft | CostLineError {
  const rejectLine = (reason: string): CostLineError => ({ error: { lineNumber, reason } });
  if (record.length !== columns.cellCount) {
    return rejectLine(`it has ${record.length} cells where the header has ${columns.cellCount}`);
  }
  // Postgres stores every character but this one.
  if (record.some((cell) => cell.includes('\0'))) return rejectLine('it holds a NUL character');
  const cell = (column: CostColumn) => {
    const position = columns.at[column];
    return position === null ? '' : (record[position] as string).trim();
  };

  const hours = cell('hours');
  if (hours !== '' && !isDecimalText(hours)) return rejectLine(`hours: ${JSON.stringify(hours)} is not a number`);
  const startsAt = readTime(cell('start'));
  if ('error' in startsAt) return rejectLine(`start: ${startsAt.error}`);
  const endsAt = readTime(cell('end'));
  if ('error' in endsAt) return rejectLine(`end: ${endsAt.error}`);
  const amount = parseProviderAmount(cell('amount'));
  if ('error' in amount) return rejectLine(`USD: ${amount.error}`);
  return {
    lineNumber,
    product: cell('product'),
    groupDescription: cell('groupDescription') || null,
    description: cell('description'),
    hours: hours === '' ? null : hours,
    startsAt: startsAt.at,
    endsAt: endsAt.at,
    amountCents: amount.cents,
    projectName: cell('projectName') || null,
    category: cell('category') || null,
  };
}

function readTime(text: string): { readonly at: Date | null } | { readonly error: string } {
  return text === '' ? { at: null } : parseProviderTime(text);
}
