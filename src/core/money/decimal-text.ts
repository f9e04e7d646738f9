import { Decimal } from './money.js';

/** An exact decimal as text, as `numeric` columns and the API's Decimal carry it: never with an exponent. */
export type DecimalText = string;

export function toDecimalText(value: Decimal): DecimalText {
  return value.isZero() ? '0' : value.toFixed();
}

/** Whether text is a plain decimal number, as "-0.0125": no exponent, no blank, no Infinity. */
export function isDecimalText(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text);
}

export function sumDecimals(texts: Iterable<DecimalText>): Decimal {
  let sum = new Decimal(0);
  for (const text of texts) sum = sum.plus(text);
  return sum;
}
