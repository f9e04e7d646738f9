import { describe, expect, it } from '@jest/globals';
import { rejectedPhrases, rejectedUses, usesInModule } from '../../scripts/rejected-words.js';

const GLOSSARY = `
Some text.

| say | means | not |
| --- | --- | --- |
| reject | answer with an error | refuse, goes on |
| period | a month | |

More | text | refused |
`;

describe('the phrases of the glossary', () => {
  it('are those of its last column', () => {
    expect(rejectedPhrases(GLOSSARY)).toEqual(['refuse', 'goes on']);
    expect(rejectedPhrases(GLOSSARY.slice(0, GLOSSARY.indexOf('More')).trimEnd())).toEqual(['refuse', 'goes on']);
  });

  it('need the table', () => {
    expect(() => rejectedPhrases('no table')).toThrow('no table with the heading');
  });
});

describe('a module', () => {
  const uses = usesInModule(
    'src/some.ts',
    `
    export const MAX_ENTRIES = 1;
    export function refuseAll() { const refuse = 1; throw new ConflictError('The saga Goes on.'); }
    export class RefusedError extends Error {}
    export interface Refusal { kept: string }
    export type Refuse = string;
    const hidden = 'refuse';
    throw BadUserInputError.at('path', \`refuse \${hidden}\`);
    log.info('refuse');
  `,
  );

  it('has its exported names and error messages compared, and nothing else', () => {
    expect(uses.map(({ where, text }) => [where, text])).toEqual([
      ['src/some.ts', 'max entries'],
      ['src/some.ts', 'refuse all'],
      ['src/some.ts', 'refused error'],
      ['src/some.ts', 'refusal'],
      ['src/some.ts', 'refuse'],
      ['src/some.ts: error', 'the saga goes on.'],
      ['src/some.ts: error', 'path'],
      ['src/some.ts: error', 'refuse '],
      ['src/some.ts: error', ''],
    ]);
  });

  it('is rejected for whole words only', () => {
    expect(rejectedUses(uses, ['refuse', 'goes on']).map(({ phrase, text }) => `${phrase}: ${text}`)).toEqual([
      'refuse: refuse all',
      'refuse: refuse',
      'goes on: the saga goes on.',
      'refuse: refuse ',
    ]);
  });
});
