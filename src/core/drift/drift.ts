import type { ResourceFields } from '../inventory/resource-diff.js';

export const DRIFT_STATUSES = ['open', 'accepted', 'reverted', 'stale'] as const;
export type DriftStatus = (typeof DRIFT_STATUSES)[number];

/** The revertible fields of a droplet and the saga that reverts each; no other field can be reverted (spec §4). */
export const REVERT_SAGA = {
  size_slug: 'resize_droplet',
  name: 'rename_droplet',
  tags: 'retag_droplet',
} as const;
export type RevertibleField = keyof typeof REVERT_SAGA;

export function isRevertible(field: string): field is RevertibleField {
  return Object.hasOwn(REVERT_SAGA, field);
}

/** The inputs of the saga that reverts a field; null: the expected value cannot be set. */
export function revertInput(field: RevertibleField, expected: unknown): Readonly<Record<string, unknown>> | null {
  if (field === 'tags') return Array.isArray(expected) ? { tags: [...new Set(expected.map(String))] } : null;
  if (typeof expected !== 'string' || expected === '') return null;
  return field === 'name' ? { name: expected } : { sizeSlug: expected };
}

/** Expected values by the name of a resource's column or attribute. */
export type Spec = Readonly<Record<string, unknown>>;

/** One field that differs from the spec. Null: there is no value. */
export interface FieldDrift {
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** A stored drift. */
export interface OpenDrift extends FieldDrift {
  readonly id: string;
}

/** The writes that make the open drifts of a resource equal its present drifts. */
export interface DriftPlan {
  readonly open: readonly FieldDrift[];
  /** Drifts whose values changed. */
  readonly refresh: readonly OpenDrift[];
  /** Ids of drifts whose field matches the spec again. */
  readonly close: readonly string[];
}

const COLUMNS = ['name', 'status', 'region', 'tags'] as const satisfies readonly (keyof ResourceFields)[];

/** The resource's value of a spec's field: the column of that name, else the attribute; null if it has neither. */
export function liveValue(live: ResourceFields, field: string): unknown {
  const column = COLUMNS.find((each) => each === field);
  if (column) return live[column];
  return Object.hasOwn(live.attrs, field) ? (live.attrs[field] ?? null) : null;
}

/** Compares scalars by their text, lists as sets, objects key by key. An absent value equals null and no text. */
export function isSameValue(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Two values are the same if this text is the same. */
function canonical(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${[...new Set(value.map(canonical))].sort().join()}]`;
  if (typeof value !== 'object') return JSON.stringify(String(value));
  const entries = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  const parts = entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`);
  return `{${parts.sort().join()}}`;
}

/** The fields in which the resource differs from its spec, ordered by name. */
export function driftsOf(spec: Spec, live: ResourceFields): FieldDrift[] {
  return Object.keys(spec)
    .sort()
    .map((field) => ({ field, expected: spec[field] ?? null, actual: liveValue(live, field) }))
    .filter(({ field, expected, actual }) => !isSameField(field, expected, actual));
}

/** Tags that differ only in case are one tag at the provider, in the case of its creation. */
function isSameField(field: string, a: unknown, b: unknown): boolean {
  const folded = (value: unknown) => (Array.isArray(value) ? value.map((tag) => String(tag).toLowerCase()) : value);
  return field === 'tags' ? isSameValue(folded(a), folded(b)) : isSameValue(a, b);
}

/** Compares a resource with its spec and its open drifts. Null: the resource is gone and has no drift. */
export function planDrifts(spec: Spec, live: ResourceFields | null, known: readonly OpenDrift[]): DriftPlan {
  const found = new Map((live ? driftsOf(spec, live) : []).map((drift) => [drift.field, drift]));
  const refresh: OpenDrift[] = [];
  const close: string[] = [];
  for (const drift of known) {
    const present = found.get(drift.field);
    if (!present) close.push(drift.id);
    else if (!isSameDrift(drift, present)) refresh.push({ id: drift.id, ...present });
    found.delete(drift.field);
  }
  return { open: [...found.values()], refresh, close };
}

function isSameDrift(a: FieldDrift, b: FieldDrift): boolean {
  return isSameValue(a.expected, b.expected) && isSameValue(a.actual, b.actual);
}
