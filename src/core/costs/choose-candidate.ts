import type { CostLineDraft } from './csv-line.js';
import type { LineName } from './line-name.js';
import type { ResourceRow } from './resource-index.js';

export interface Choice {
  /** One, where something in the line decides; else all that nothing tells apart. */
  readonly left: readonly ResourceRow[];
  /** What told it from its namesakes; null where it has none. */
  readonly decidedBy: string | null;
}

export type LineTimes = Pick<CostLineDraft, 'startsAt' | 'endsAt'>;
type Trait = (row: ResourceRow, name: string, text: LineName, times: LineTimes) => boolean;

const TRAITS: readonly (readonly [string, Trait])[] = [
  ['the exact spelling', (row, name) => row.name.trim() === name],
  ['its region', (row, _, text) => row.region === text.region],
  ['its size', (row, _, text) => row.sizeGb !== null && row.sizeGb.toFixed(2) === text.sizeGb?.toFixed(2)],
  ['the time when it existed', (row, _, __, times) => wasSeenBefore(row, times)],
  ['the time when it existed', (row, _, __, times) => existedThroughout(row, times)],
  ['the time when it was created', (row, _, __, times) => beganWith(row, times)],
  ['earlier lines that bill it', (row) => row.isBilledBefore],
];

/**
 * Narrows resources of one name by what else is known of the line, then by which of them earlier lines of that name were
 * attached to. A trait that fits none of them, or all, decides nothing.
 */
export function chooseCandidate(rows: readonly ResourceRow[], name: string, text: LineName, times: LineTimes): Choice {
  let left = rows;
  let decidedBy: string | null = null;
  for (const [trait, fits] of TRAITS) {
    if (left.length < 2) break;
    const fitting = left.filter((row) => fits(row, name, text, times));
    if (fitting.length === 0 || fitting.length === left.length) continue;
    left = fitting;
    decidedBy = trait;
  }
  return { left, decidedBy };
}

/** Lines are cut to the hour, resources are created and deleted at any second. */
const TOLERANCE_MS = 3_600_000;

/**
 * False if the resource was gone before the line begins, or was created after it ends. `firstSeenAt` decides nothing here:
 * it says when the mirror found the resource, which may be years after its creation.
 */
export function existedDuring({ createdAt, deletedAt }: ResourceRow, { startsAt, endsAt }: LineTimes): boolean {
  const wasGone = deletedAt !== null && startsAt !== null && deletedAt <= startsAt;
  const wasYetToCome = createdAt !== null && endsAt !== null && createdAt >= endsAt;
  return !wasGone && !wasYetToCome;
}

/** Whether the resource existed for the whole time that the line bills, as far as is known. */
export function existedThroughout({ createdAt, deletedAt }: ResourceRow, { startsAt, endsAt }: LineTimes): boolean {
  const beganLate = createdAt !== null && startsAt !== null && +createdAt > +startsAt + TOLERANCE_MS;
  const endedEarly = deletedAt !== null && endsAt !== null && +deletedAt < +endsAt - TOLERANCE_MS;
  return !beganLate && !endedEarly;
}

function wasSeenBefore({ createdAt, firstSeenAt }: ResourceRow, { endsAt }: LineTimes): boolean {
  return endsAt === null || (createdAt ?? firstSeenAt) < endsAt;
}

function beganWith({ createdAt }: ResourceRow, { startsAt }: LineTimes): boolean {
  return createdAt !== null && startsAt !== null && Math.abs(+createdAt - +startsAt) <= TOLERANCE_MS;
}
