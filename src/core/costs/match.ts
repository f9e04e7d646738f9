import type { ResourceKind } from '../inventory/resource-kind.js';
import { chooseCandidate, existedDuring, existedThroughout, type LineTimes } from './choose-candidate.js';
import type { CostLineDraft } from './csv-line.js';
import { type LineText, subjectOf } from './line-kind.js';
import { type LineName, nameOf } from './line-name.js';
import * as reasons from './match-reasons.js';
import type { ResourceIndex, ResourceRow } from './resource-index.js';

/** Why a cost line has, or has not, a resource. */
export const MATCH_STATUSES = ['matched', 'historic', 'tax', 'account_level', 'ambiguous', 'unmatched'] as const;
export type MatchStatus = (typeof MATCH_STATUSES)[number];

/** A resource that only invoices know; one a kind and name, whatever its case. */
export interface HistoricResource {
  readonly kind: ResourceKind;
  readonly name: string;
}

export interface MatchOutcome {
  /** What the line bills; a backup's line is of kind `droplet_backup` though its resource is the droplet. */
  readonly kind: ResourceKind | null;
  readonly status: MatchStatus;
  readonly resourceId: string | null;
  /** One sentence that an operator can act on. */
  readonly reason: string;
  /** The row that the ingest makes and attaches the line to; null where it needs none or has one already. */
  readonly makeHistoric: HistoricResource | null;
}

export type MatchableLine = LineText & Pick<CostLineDraft, 'startsAt' | 'endsAt'>;

/**
 * By kind and name, among resources that existed in the line's time: what exists, else what is gone, else the likeliest
 * name, else a resource known from invoices alone. A row that an ingest made gives the same answer as no row, so neither
 * the order of the invoices nor how often they are ingested matters, except between namesakes that only earlier lines
 * can tell apart.
 */
export function matchLine(line: MatchableLine, index: ResourceIndex): MatchOutcome {
  const subject = subjectOf(line);
  const product = line.product || line.description;
  switch (subject.type) {
    case 'tax':
      return outcome(null, 'tax', reasons.TAX);
    case 'account':
      return outcome(subject.kind, 'account_level', reasons.accountLevel(product));
    case 'unknown':
      return outcome(null, 'unmatched', reasons.unknownProduct(product));
    case 'resource':
      return matchResource(subject.kind, line, index);
  }
}

function matchResource(kind: ResourceKind, line: MatchableLine, index: ResourceIndex): MatchOutcome {
  const billedKind = kind === 'droplet_backup' ? 'droplet' : kind;
  const said = nameOf(kind, line);
  const [name] = said.names;
  if (name === undefined) return outcome(kind, 'unmatched', reasons.withoutName(billedKind));
  const candidates = findCandidates(index, billedKind, said, line);
  if (candidates) {
    const isLive = candidates.rows[0]?.deletedAt === null;
    const { left, decidedBy } = chooseCandidate(candidates.rows, candidates.name, said, line);
    const about = { kind, billedKind, name: candidates.name, count: left.length, isLive, decidedBy };
    const resourceId = left.length === 1 ? (left[0] as ResourceRow).id : null;
    if (resourceId === null) return outcome(kind, 'ambiguous', reasons.ambiguous(about));
    return outcome(kind, isLive ? 'matched' : 'historic', reasons.attached(about), resourceId);
  }
  const known = knownFromInvoices(index, billedKind, name);
  const isListed = said.names.some((each) => listedAs(index, billedKind, each).length > 0);
  const near = known || isListed ? null : index.nearest(billedKind, name);
  if (near) return outcome(kind, 'unmatched', reasons.nearMiss(billedKind, name, near));
  // Spaces are billed to the account: that a line of theirs names a bucket is likely, not sure.
  if (kind === 'spaces_bucket') return outcome(kind, 'account_level', reasons.noSuchBucket(name));
  const why = isListed ? reasons.listedAtAnotherTime(billedKind, name) : reasons.knownFromInvoices(billedKind, name);
  return known
    ? outcome(kind, 'historic', why, known.id)
    : outcome(kind, 'historic', why, null, { kind: billedKind, name });
}

function outcome(
  kind: ResourceKind | null,
  status: MatchStatus,
  reason: string,
  resourceId: string | null = null,
  makeHistoric: HistoricResource | null = null,
): MatchOutcome {
  return { kind, status, resourceId, reason, makeHistoric };
}

interface Candidates {
  readonly name: string;
  readonly rows: readonly ResourceRow[];
}

/**
 * Listed resources of the line's name that existed in its time: the ones that still exist, unless only one that is gone
 * existed throughout; else the ones that are gone.
 */
function findCandidates(
  index: ResourceIndex,
  kind: ResourceKind,
  { names }: LineName,
  times: LineTimes,
): Candidates | null {
  const isThroughout = (row: ResourceRow) => existedThroughout(row, times);
  let gone: Candidates | null = null;
  for (const name of names) {
    const rows = listedAs(index, kind, name).filter((row) => existedDuring(row, times));
    const live = rows.filter((row) => row.deletedAt === null);
    const deleted = rows.filter((row) => row.deletedAt !== null);
    const isReplaced = deleted.some(isThroughout) && !live.some(isThroughout);
    if (live.length > 0 && !isReplaced) return { name, rows: live };
    if (deleted.length > 0) gone ??= { name, rows: deleted };
  }
  return gone;
}

/** Resources of this name that the provider has listed. */
function listedAs(index: ResourceIndex, kind: ResourceKind, name: string): readonly ResourceRow[] {
  return index.find(kind, name).filter((row) => !row.isFromInvoice);
}

function knownFromInvoices(index: ResourceIndex, kind: ResourceKind, name: string): ResourceRow | null {
  const rows = index.find(kind, name).filter((row) => row.isFromInvoice);
  return rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0] ?? null;
}
