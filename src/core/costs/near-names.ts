import { createMemo, remember } from './bounded-memo.js';
import { isLongNumber, longNumberEdits, type NameShape, shapeOf } from './name-shape.js';
import { type SimilarShape, SimilarShapes } from './similar-shapes.js';

export interface KnownName {
  readonly name: string;
  readonly isGone: boolean;
}

interface Candidate {
  readonly edits: number;
  readonly known: KnownName;
}

/**
 * Names of one kind, asked for the likeliest one when a billed name is not quite any of them. Near is: the same but for
 * punctuation; or but for one slip in a long number; or but for a slip or two in words long enough to be misspelt.
 */
export class NearNames {
  /** Letters without punctuation, then numbers. */
  private readonly byLetters = new Map<string, KnownName>();
  /** Words, then numbers. */
  private readonly byWords = new Map<string, KnownName>();
  /** Letters and the other numbers, then the value of one long number. */
  private readonly byLongNumber = new Map<string, Map<number, KnownName>>();
  private readonly similarWords: SimilarShapes;
  private readonly similarMemo = createMemo<string, readonly SimilarShape[]>();

  constructor(names: Iterable<KnownName>) {
    const texts = new Set<string>();
    for (const known of names) {
      const shape = shapeOf(known.name);
      if (shape.words.length === 0) continue;
      keepMoreLikely(this.byLetters, lettersKey(shape, shape.numbers), known);
      keepMoreLikely(this.byWords, wordsKey(shape.words.join(' '), shape.numbers), known);
      texts.add(shape.words.join(' '));
      for (const { key, longNumber } of longNumbersOf(shape)) {
        const values = this.byLongNumber.get(key) ?? new Map<number, KnownName>();
        keepMoreLikely(values, Number(longNumber), known);
        this.byLongNumber.set(key, values);
      }
    }
    this.similarWords = new SimilarShapes(texts);
  }

  /** The fewest slips, then what still exists, then the first by name: the order of the names does not matter. */
  nearest(name: string): KnownName | null {
    const shape = shapeOf(name);
    if (shape.words.length === 0) return null;
    const same = this.byLetters.get(lettersKey(shape, shape.numbers));
    if (same) return same;
    let best: Candidate | null = null;
    for (const candidate of this.candidates(shape)) if (!best || isLikelier(candidate, best)) best = candidate;
    return best?.known ?? null;
  }

  private *candidates(shape: NameShape): Generator<Candidate> {
    for (const { key, longNumber } of longNumbersOf(shape)) {
      const values = this.byLongNumber.get(key);
      if (!values) continue;
      for (const value of longNumberEdits(longNumber)) {
        const known = values.get(value);
        if (known) yield { edits: 1, known };
      }
    }
    for (const { text, edits } of this.similarTo(shape.words.join(' '))) {
      const known = this.byWords.get(wordsKey(text, shape.numbers));
      if (known) yield { edits, known };
    }
  }

  private similarTo(text: string): readonly SimilarShape[] {
    return remember(this.similarMemo, text, () => this.similarWords.similarTo(text));
  }
}

function lettersKey({ words }: NameShape, numbers: readonly string[]): string {
  return `${words.join('')}|${numbers.join('|')}`;
}

function wordsKey(words: string, numbers: readonly string[]): string {
  return `${words}|${numbers.join('|')}`;
}

/** Each long number of a name, with a key of all the rest of it. */
function longNumbersOf(shape: NameShape): { key: string; longNumber: string }[] {
  return shape.numbers.flatMap((longNumber, i) =>
    isLongNumber(longNumber) ? [{ key: lettersKey(shape, shape.numbers.with(i, '')), longNumber }] : [],
  );
}

function keepMoreLikely<Key>(names: Map<Key, KnownName>, key: Key, known: KnownName): void {
  const kept = names.get(key);
  if (!kept || isLikelier({ edits: 0, known }, { edits: 0, known: kept })) names.set(key, known);
}

function isLikelier(a: Candidate, b: Candidate): boolean {
  if (a.edits !== b.edits) return a.edits < b.edits;
  if (a.known.isGone !== b.known.isGone) return b.known.isGone;
  return a.known.name < b.known.name;
}
