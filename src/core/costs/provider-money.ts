/** What the provider's invoices are in; their amount column is named after it. */
export const PROVIDER_CURRENCY = 'USD';

export type ParsedAmount = { readonly cents: number } | { readonly error: string };

/** A sign before or after the dollar sign; thousands grouped by commas or not at all; then decimals. */
const AMOUNT = /^(?:(-)?\$?|\$(-))(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/;

/**
 * An amount as the provider prints it, in exact cents: `$3.11`, `-$61.08`, `$-61.08`, `($61.08)`, `$1,234.56`, `12.3`.
 * What is finer than a cent is refused rather than rounded, for rounding would hide that the lines are not the invoice.
 */
export function parseProviderAmount(text: string): ParsedAmount {
  const trimmed = text.trim();
  const isBracketed = trimmed.startsWith('(') && trimmed.endsWith(')');
  const match = AMOUNT.exec(isBracketed ? trimmed.slice(1, -1) : trimmed);
  if (!match) return { error: `${JSON.stringify(text)} is not an amount of dollars` };
  const [, signBefore, signAfter, whole = '', decimals = ''] = match;
  const isSigned = signBefore !== undefined || signAfter !== undefined;
  if (isBracketed && isSigned) return { error: `${JSON.stringify(text)} is negative twice` };
  if (/[1-9]/.test(decimals.slice(2))) return { error: `${JSON.stringify(text)} is finer than a cent` };
  const cents = Number(whole.replaceAll(',', '')) * 100 + Number(decimals.slice(0, 2).padEnd(2, '0'));
  if (!Number.isSafeInteger(cents)) return { error: `${JSON.stringify(text)} is beyond exact integers` };
  return { cents: (isBracketed || isSigned) && cents !== 0 ? -cents : cents };
}
