import { dayOf, type Period } from '../time/period.js';
import type { CostLineDraft } from './csv-line.js';
import { isTaxLine } from './line-kind.js';
import { PROVIDER_CURRENCY } from './provider-money.js';

/** A provider's invoice as the company's books take it. They know it again by `source` and `external_id`. */
export interface FinancePayload {
  readonly source: 'digitalocean';
  readonly external_id: string;
  readonly vendor: { readonly name: 'DigitalOcean'; readonly category: 'cloud' };
  /** YYYY-MM */
  readonly period: string;
  /** YYYY-MM-DD */
  readonly issued_date: string;
  readonly currency: string;
  readonly amount_net_minor: number;
  readonly amount_tax_minor: number;
  /** Net and tax, which is also the sum of the lines. */
  readonly amount_gross_minor: number;
  readonly lines: readonly FinanceLine[];
}

export interface FinanceLine {
  readonly line_number: number;
  readonly description: string;
  readonly amount_minor: number;
  readonly is_tax: boolean;
}

export interface FinanceInvoice {
  /** The provider's UUID of it. */
  readonly providerId: string;
  readonly period: Period;
  readonly issuedAt: Date;
}

export type FinanceCostLine = Pick<
  CostLineDraft,
  'lineNumber' | 'product' | 'groupDescription' | 'description' | 'amountCents'
>;

/** The body of the push: the same invoice and lines give the same body, byte for byte, in whatever order they come. */
export function financePayload(invoice: FinanceInvoice, costLines: readonly FinanceCostLine[]): FinancePayload {
  const lines = costLines
    .toSorted((a, b) => a.lineNumber - b.lineNumber)
    .map((line) => ({
      line_number: line.lineNumber,
      description: line.description === '' ? line.product : line.description,
      amount_minor: line.amountCents,
      is_tax: isTaxLine(line),
    }));
  const net = sumMinor(lines.filter((line) => !line.is_tax));
  const tax = sumMinor(lines.filter((line) => line.is_tax));
  return {
    source: 'digitalocean',
    external_id: invoice.providerId,
    vendor: { name: 'DigitalOcean', category: 'cloud' },
    period: invoice.period.slice(0, 7),
    issued_date: dayOf(invoice.issuedAt),
    currency: PROVIDER_CURRENCY,
    amount_net_minor: net,
    amount_tax_minor: tax,
    amount_gross_minor: net + tax,
    lines,
  };
}

function sumMinor(lines: readonly FinanceLine[]): number {
  const sum = lines.reduce((total, line) => total + line.amount_minor, 0);
  if (!Number.isSafeInteger(sum)) throw new RangeError(`${sum} cents is beyond exact integers`);
  return sum;
}
