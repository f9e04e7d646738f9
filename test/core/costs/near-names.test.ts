import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { editDistance } from '../../../src/core/costs/edit-distance.js';
import { editsBetween } from '../../../src/core/costs/name-shape.js';
import { NearNames } from '../../../src/core/costs/near-names.js';
import { SimilarShapes } from '../../../src/core/costs/similar-shapes.js';

function nearest(billed: string, ...names: string[]): string | null {
  return new NearNames(names.map((name) => ({ name, isGone: false }))).nearest(billed)?.name ?? null;
}

describe('a billed name is nearly', () => {
  it.each([
    ['studio-demo golden-image', 'studio-demo golden image'],
    ['git.sky-ai.com before migration', 'git.sky-ai.com-before-migration'],
    ['parish-bulletin before upgrade 2025', 'parish-bulletin before upgrade (2025)'],
    ['goldenimage', 'golden-image'],
    ['web-01', 'web-1'],
    ['web1', 'web-1'],
    ['mail.sky-ai.com-1730419200285', 'mail.sky-ai.com-1730419200258'],
    ['mail-1730419200251', 'mail-1730419200258'],
    ['mail-173041920028', 'mail-1730419200258'],
    ['mail-17304192002558', 'mail-1730419200258'],
    ['studio-dmeo', 'studio-demo'],
    ['holyspiritbrapark.com', 'holyspiritbraypark.com'],
    ['holyspritbrapark.com', 'holyspiritbraypark.com'],
    ['bakup-store-7', 'backup-stores-7'],
  ])('%j: %j', (billed, name) => {
    expect(nearest(billed, name)).toBe(name);
    expect(nearest(name, billed)).toBe(billed);
  });

  it.each([
    ['web-1', 'web-2', 'a sibling by its number'],
    ['web-1', 'web', 'another without a number'],
    ['wp-church-2', 'wp-church', 'another without a number'],
    ['load-test-1', 'load-test-2', 'a sibling by its number'],
    ['archive-2019', 'archive-2020', 'a sibling by its year'],
    ['nightly-202604010300', 'nightly-202604020300', 'a sibling by its date'],
    ['nightly-20260401', 'nightly-20260402', 'a sibling by its date'],
    ['mail-1730419200258', 'mail-1704067200321', 'one taken at another time'],
    ['server-a', 'server-b', 'a sibling by its letter'],
    ['production-eu-web', 'production-us-web', 'a sibling by a short word'],
    ['billing-dev', 'billing-prd', 'a sibling by a short word'],
    ['choir-north-site', 'choir-south-site', 'a sibling by a word'],
    ['staging-alpha', 'staging-beta', 'a sibling by a word'],
    ['1.1.1.1', '1.1.1.2', 'another address'],
    ['---', '***', 'without a letter'],
  ])('%j is not nearly %j: %s', (billed, name) => {
    expect(nearest(billed, name)).toBeNull();
  });

  it('the one with the fewest slips', () => {
    expect(nearest('studio-demo', 'studoi-dmeo', 'studio-dmeo')).toBe('studio-dmeo');
  });

  it('what exists rather than what is gone, then the first by name', () => {
    const names = [
      { name: 'studio-demoa', isGone: true },
      { name: 'studio-democ', isGone: false },
      { name: 'studio-demob', isGone: false },
    ];
    expect(new NearNames(names).nearest('studio-demo')).toEqual({ name: 'studio-demob', isGone: false });
  });
});

describe('looking names up by their rarest parts', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 12 });
  const words = fc.array(fc.oneof(word, fc.constant('#')), { minLength: 1, maxLength: 3 });

  it('finds all that a look at each one finds', () => {
    const edit = fc.record({ at: fc.nat(11), with: fc.constantFrom('', 'a', 'b', 'swap') });
    fc.assert(
      fc.property(
        fc.array(words, { maxLength: 30 }),
        words,
        fc.array(edit, { maxLength: 2 }),
        (known, asked, edits) => {
          // Half a dozen letters rarely meet by chance: what is asked for is known but for its slips.
          const edited = edits.reduce((text, each) => applyEdit(text, each), asked.join(' '));
          const texts = new Set([...known.map((each) => each.join(' ')), edited]);
          const text = asked.join(' ');
          const expected = [...texts].flatMap((other) => {
            const distance = editsBetween(asked, other.split(' '));
            return distance ? [{ text: other, edits: distance }] : [];
          });
          const byText = (a: { text: string }, b: { text: string }) => (a.text < b.text ? -1 : 1);
          expect(new SimilarShapes(texts).similarTo(text).sort(byText)).toEqual(expected.sort(byText));
        },
      ),
      { numRuns: 3000 },
    );
  });
});

function applyEdit(text: string, edit: { at: number; with: string }): string {
  const i = edit.at % Math.max(1, text.length);
  if (edit.with === 'swap')
    return (
      text.slice(0, i) +
      text
        .slice(i, i + 2)
        .split('')
        .reverse()
        .join('') +
      text.slice(i + 2)
    );
  return text.slice(0, i) + edit.with + text.slice(edit.with === '' ? i + 1 : i);
}

describe('the distance of two words', () => {
  it.each([
    ['', '', 0],
    ['demo', 'demo', 0],
    ['demo', 'dmeo', 1],
    ['demo', 'dem', 1],
    ['demo', 'demos', 1],
    ['demo', 'dome', 2],
    ['ca', 'abc', 3],
    ['kitten', 'sitting', 3],
  ])('%j and %j is %d', (a, b, distance) => {
    expect(editDistance(a, b, 5)).toBe(distance);
    expect(editDistance(b, a, 5)).toBe(distance);
  });

  it('is cut off beyond the limit', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 });
    fc.assert(
      fc.property(word, word, fc.nat(4), (a, b, limit) => {
        expect(editDistance(a, b, limit)).toBe(Math.min(editDistance(a, b, 20), limit + 1));
      }),
    );
  });
});
