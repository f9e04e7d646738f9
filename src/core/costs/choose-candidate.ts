import type { CostLineDraft } from './csv-line.js';
import type { LineName } from './line-name.js';
import type { ResourceRow } from './resource-index.js';

export interface Choice {
  /** One, where something in the line decides; else all that nothing tells apart. */
  readonly left: readonly ResourceRow[];
  /** What told it from its namesakes; null where it has none. */
  readonly decidedBy: string | null;
}

type LineTimes = Pick<CostLineDraft, 'startsAt' | 'endsAt'>;
type Trait = (row: ResourceRow, name: string, said: LineName, times: LineTimes) => boolean;

const TRAITS: readonly (readonly [string, Trait])[] = [
  ['the exact spelling', (row, name) => row.name.trim() === name],
  ['its region', (row, _, said) => row.region === said.region],
  ['its size', (row, _, said) => row.sizeGb !== null && row.sizeGb.toFixed(2) === said.sizeGb?.toFixed(2)],
  ['the time when it existed', (row, _, __, times) => existedThen(row, times)],
];

/** Tells resources of one name apart by what else the line says. A trait that fits none of them tells nothing. */
export function chooseCandidate(rows: readonly ResourceRow[], name: string, said: LineName, times: LineTimes): Choice {
  let left = rows;
  let decidedBy: string | null = null;
  for (const [trait, fits] of TRAITS) {
    if (left.length < 2) break;
    const fitting = left.filter((row) => fits(row, name, said, times));
    if (fitting.length === 0 || fitting.length === left.length) continue;
    left = fitting;
    decidedBy = trait;
  }
  return { left, decidedBy };
}

function existedThen(row: ResourceRow, { startsAt, endsAt }: LineTimes): boolean {
  const wasGone = row.deletedAt !== null && startsAt !== null && row.deletedAt <= startsAt;
  const wasYetToCome = endsAt !== null && row.firstSeenAt >= endsAt;
  return !wasGone && !wasYetToCome;
}
