import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_ANSWER_LENGTH, stringifyResult } from '../../src/server/stringify-result.js';

const tooLarge = (error: Error) => ({ errors: [{ message: error.message }] });

describe('an answer as text', () => {
  it('is what JSON.stringify makes of it, in one piece or in many', async () => {
    const filler = Array.from({ length: 3_000 }, (_, n) => ({ n, text: `line "${n}"`, none: null, empty: {} }));
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (value) => {
        const small = { data: { value } };
        const large = { data: { value, filler, skipped: undefined, list: [[], filler] } };
        expect(JSON.parse(await stringifyResult(small, tooLarge))).toEqual(JSON.parse(JSON.stringify(small)));
        expect(await stringifyResult(large, tooLarge)).toBe(JSON.stringify(large));
      }),
      { numRuns: 20 },
    );
  });

  it('that is too long is its error alone', async () => {
    const text = 'x'.repeat(1_000_000);
    const data = { list: Array.from({ length: MAX_ANSWER_LENGTH / text.length + 1 }, () => ({ text })) };
    expect(JSON.parse(await stringifyResult({ data }, tooLarge))).toEqual({
      errors: [{ message: `The answer is longer than ${MAX_ANSWER_LENGTH} characters; ask for less at once.` }],
    });
  });
});
