import { editsBetween, LETTERS_PER_EDIT, MAX_EDITS } from './name-shape.js';

/** Three letters in a row, the unit in which names are looked up. */
const GRAM = 3;
/** A swap of neighbours touches one gram more than a gram has letters; no slip touches more. */
const GRAMS_PER_EDIT = GRAM + 1;
const CODES = 1 << 18;
/** A text below this length holds no word that two slips are allowed to. */
const TWO_EDITS_MIN_LENGTH = MAX_EDITS * LETTERS_PER_EDIT;

export interface SimilarShape {
  readonly text: string;
  readonly edits: number;
}

/**
 * Finds, among many names' words, those that are a slip or two away, without looking at the others. Names that differ
 * by at most n grams share one of the n + 1 that are rarest overall, so only those are indexed and looked up: what all
 * names have in common ("-production-") costs nothing.
 */
export class SimilarShapes {
  private readonly texts: readonly string[];
  /** Of each text: its length, and its letters as bits. Flat, because most of what is looked at ends here. */
  private readonly lengths: Uint32Array;
  private readonly letters: Uint32Array;
  private readonly words: readonly (readonly string[])[];
  private readonly frequency = new Uint32Array(CODES);
  private readonly byGram = new Map<number, number[]>();

  constructor(texts: Iterable<string>) {
    this.texts = [...texts];
    this.words = this.texts.map((text) => text.split(' '));
    this.lengths = Uint32Array.from(this.texts, (text) => text.length);
    this.letters = Uint32Array.from(this.texts, lettersOf);
    for (const text of this.texts) for (const gram of gramsOf(text)) (this.frequency[gram] as number)++;
    for (const [position, text] of this.texts.entries()) {
      for (const gram of this.rarest(text)) {
        const positions = this.byGram.get(gram);
        if (positions) positions.push(position);
        else this.byGram.set(gram, [position]);
      }
    }
  }

  /** Those with one slip or two; a text is not similar to itself. */
  similarTo(text: string): SimilarShape[] {
    const words = text.split(' ');
    const similar: SimilarShape[] = [];
    for (const position of this.candidatesFor(text)) {
      const edits = editsBetween(words, this.words[position] as readonly string[]);
      if (edits) similar.push({ text: this.texts[position] as string, edits });
    }
    return similar;
  }

  private candidatesFor(text: string): Set<number> {
    const letters = lettersOf(text);
    const candidates = new Set<number>();
    for (const gram of this.rarest(text)) {
      for (const position of this.byGram.get(gram) ?? []) {
        if (Math.abs((this.lengths[position] as number) - text.length) > MAX_EDITS) continue;
        // A slip takes away one letter at most and brings one at most.
        if (bitCount((this.letters[position] as number) ^ letters) > 2 * MAX_EDITS) continue;
        candidates.add(position);
      }
    }
    return candidates;
  }

  private rarest(text: string): number[] {
    const rarity = (gram: number) => this.frequency[gram] as number;
    // The other text may be the longer one, and then it is that one's length which allows for two slips.
    const edits = text.length + MAX_EDITS < TWO_EDITS_MIN_LENGTH ? 1 : MAX_EDITS;
    return [...gramsOf(text)].sort((a, b) => rarity(a) - rarity(b) || a - b).slice(0, edits * GRAMS_PER_EDIT + 1);
  }
}

/** Hashed: two grams that fall together only cost a second look. The ends count as letters. */
function gramsOf(text: string): Set<number> {
  const grams = new Set<number>();
  let [first, second] = [0, 0];
  for (let i = 0; i < text.length + GRAM - 1; i++) {
    const third = i < text.length ? text.charCodeAt(i) : 0;
    grams.add((first * 961 + second * 31 + third) & (CODES - 1));
    first = second;
    second = third;
  }
  return grams;
}

/** A bit for each letter that occurs; letters beyond a to z share bits, which costs a second look at most. */
function lettersOf(text: string): number {
  let letters = 0;
  for (let i = 0; i < text.length; i++) letters |= 1 << (text.charCodeAt(i) & 31);
  return letters;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
