import { QueryTooComplexError } from '../errors.js';

/** Values within the variables of one operation: 1,000 events of LLM usage, eight fields each, are 9,000. */
export const MAX_INPUT_VALUES = 20_000;
export const MAX_INPUT_DEPTH = 20;

/** Bounds what coercion has to look at. Throws QueryTooComplexError. */
export function checkInputSize(variables: Readonly<Record<string, unknown>>): void {
  let values = 0;
  const count = (value: object, depth: number): void => {
    if (depth > MAX_INPUT_DEPTH) {
      throw new QueryTooComplexError(`The variables nest deeper than ${MAX_INPUT_DEPTH} lists and objects.`);
    }
    for (const key in value) {
      values += 1;
      if (values > MAX_INPUT_VALUES) {
        throw new QueryTooComplexError(`The variables hold more than ${MAX_INPUT_VALUES} values.`);
      }
      const inner = (value as Record<string, unknown>)[key];
      if (typeof inner === 'object' && inner !== null) count(inner, depth + 1);
    }
  };
  count(variables, 1);
}
