import type { ResourceFields } from '../inventory/resource-diff.js';

export const DRIFT_STATUSES = ['open', 'accepted', 'reverted', 'stale'] as const;
export type DriftStatus = (typeof DRIFT_STATUSES)[number];

/** The fields of a droplet that can be put back, and by which saga; every other one cannot (spec §4). */
export const REVERT_SAGA = {
  size_slug: 'resize_droplet',
  name: 'rename_droplet',
  tags: 'retag_droplet',
} as const;
export type RevertibleField = keyof typeof REVERT_SAGA;

export function isRevertible(field: string): field is RevertibleField {
  return Object.hasOwn(REVERT_SAGA, field);
}

/** What the saga that puts a field back is told of it; null: there is no such value to put back. */
export function revertInput(field: RevertibleField, expected: unknown): Readonly<Record<string, unknown>> | null {
  if (field === 'tags') return Array.isArray(expected) ? { tags: [...new Set(expected.map(String))] } : null;
  if (typeof expected !== 'string' || expected === '') return null;
  return field === 'name' ? { name: expected } : { sizeSlug: expected };
}

/** What was asked for, by the name of a resource's column or attribute. */
export type Spec = Readonly<Record<string, unknown>>;

/** One field that is not as it was asked for; null on either side: there is no value. */
export interface FieldDrift {
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** A drift that is known already. */
export interface OpenDrift extends FieldDrift {
  readonly id: string;
}

/** What has to be written so that the open drifts of a resource are its drifts. */
export interface DriftPlan {
  readonly open: readonly FieldDrift[];
  /** Drifts whose values have moved on. */
  readonly refresh: readonly OpenDrift[];
  /** Ids of those that are no drift any more. */
  readonly close: readonly string[];
}

const COLUMNS = ['name', 'status', 'region', 'tags'] as const satisfies readonly (keyof ResourceFields)[];

/** What the resource has of a spec's field: its column of that name, else its attribute; null where it has neither. */
export function liveValue(live: ResourceFields, field: string): unknown {
  const column = COLUMNS.find((each) => each === field);
  if (column) return live[column];
  return Object.hasOwn(live.attrs, field) ? (live.attrs[field] ?? null) : null;
}

/** Scalars by their text, lists as sets, objects key by key; an absent value is null, and null is no text. */
export function isSameValue(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Two values are the same where this is the same text. */
function canonical(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${[...new Set(value.map(canonical))].sort().join()}]`;
  if (typeof value !== 'object') return JSON.stringify(String(value));
  const entries = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  const parts = entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`);
  return `{${parts.sort().join()}}`;
}

/** The fields in which the resource is not as it was asked for, by name. */
export function driftsOf(spec: Spec, live: ResourceFields): FieldDrift[] {
  return Object.keys(spec)
    .sort()
    .map((field) => ({ field, expected: spec[field] ?? null, actual: liveValue(live, field) }))
    .filter(({ field, expected, actual }) => !isSameField(field, expected, actual));
}

/** To the provider tags that differ in case alone are one tag, which keeps the case that it was first made with. */
function isSameField(field: string, a: unknown, b: unknown): boolean {
  const folded = (value: unknown) => (Array.isArray(value) ? value.map((tag) => String(tag).toLowerCase()) : value);
  return field === 'tags' ? isSameValue(folded(a), folded(b)) : isSameValue(a, b);
}

/** Compares a resource with its spec and with its drifts that are open; null: it is gone, and drifts no more. */
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
