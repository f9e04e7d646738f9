import { toMajorUnits } from '../money/money.js';
import type { CostLineDraft } from './csv-line.js';
import { isTaxLine } from './line-kind.js';
import { PROVIDER_CURRENCY } from './provider-money.js';

/** What the lines of one invoice come to, in `PROVIDER_CURRENCY`. */
export interface IngestTotals {
  readonly lineCount: number;
  readonly totalCents: number;
  readonly taxCents: number;
}

export const NO_LINES: IngestTotals = { lineCount: 0, totalCents: 0, taxCents: 0 };

type SummedLine = Pick<CostLineDraft, 'product' | 'groupDescription' | 'description' | 'amountCents'>;

/** Page by page, so that an invoice of any length is summed while it streams. */
export function addToTotals(totals: IngestTotals, lines: readonly SummedLine[]): IngestTotals {
  let { lineCount, totalCents, taxCents } = totals;
  for (const line of lines) {
    lineCount++;
    totalCents += line.amountCents;
    if (isTaxLine(line)) taxCents += line.amountCents;
  }
  if (!Number.isSafeInteger(totalCents) || !Number.isSafeInteger(taxCents)) {
    throw new RangeError('the lines of an invoice are beyond exact integers');
  }
  return { lineCount, totalCents, taxCents };
}

/** How the lines differ from the total that the invoice states; null where they agree to the cent. */
export function totalDifference({ totalCents, lineCount }: IngestTotals, statedCents: number): string | null {
  if (totalCents === statedCents) return null;
  const stated = `The invoice states ${dollars(statedCents)}`;
  const lines = lineCount === 1 ? 'its one line is' : `its ${lineCount} lines come to`;
  const difference = `${dollars(Math.abs(totalCents - statedCents))} ${totalCents > statedCents ? 'more' : 'less'}`;
  return `${stated}, but ${lines} ${dollars(totalCents)}: ${difference}.`;
}

function dollars(cents: number): string {
  return `${PROVIDER_CURRENCY} ${toMajorUnits(cents)}`;
}
