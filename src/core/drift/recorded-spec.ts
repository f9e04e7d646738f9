import type { FieldProblem } from '../../errors.js';
import type { ResourceFields } from '../inventory/resource-diff.js';
import type { ResourceKind } from '../inventory/resource-kind.js';
import { dropletNameProblems, dropletTagProblems } from '../provisioning/droplet-spec.js';
import { liveValue, type Spec } from './drift.js';

const MAX_FIELDS = 50;
const MAX_BYTES = 16_384;
const MAX_DEPTH = 10;

/** The fields of the default spec for each kind. */
const DEFAULT_FIELDS: Partial<Record<ResourceKind, readonly string[]>> = {
  droplet: ['size_slug', 'region', 'image', 'name', 'tags'],
  volume: ['size_gigabytes', 'region', 'name', 'tags'],
  firewall: ['name', 'tags', 'inbound_rules', 'outbound_rules'],
  load_balancer: ['region', 'name', 'tags', 'forwarding_rules'],
};

/** The resource's present state as a spec, without fields that have no value. */
export function presentSpec(kind: ResourceKind, live: ResourceFields): Spec {
  const fields = DEFAULT_FIELDS[kind] ?? ['region', 'name', 'tags'];
  const entries = fields.map((field): [string, unknown] => [field, liveValue(live, field)]);
  return Object.fromEntries(entries.filter(([, value]) => value !== null && value !== undefined));
}

/** The problems of a spec that an operator records for a resource. `path` is that of the argument. */
export function specProblems(kind: ResourceKind, live: ResourceFields, spec: Spec, path = 'spec'): FieldProblem[] {
  const fields = Object.keys(spec);
  if (fields.length === 0) return [{ path, message: 'names no field' }];
  if (fields.length > MAX_FIELDS) return [{ path, message: `takes at most ${MAX_FIELDS} fields` }];
  if (Buffer.byteLength(JSON.stringify(spec)) > MAX_BYTES)
    return [{ path, message: `takes at most ${MAX_BYTES} bytes` }];
  if (!isWithinDepth(spec, MAX_DEPTH)) return [{ path, message: `nests deeper than ${MAX_DEPTH} levels` }];
  return fields.flatMap((field) => fieldProblems(kind, live, field, spec[field], `${path}.${field}`));
}

function fieldProblems(
  kind: ResourceKind,
  live: ResourceFields,
  field: string,
  value: unknown,
  path: string,
): FieldProblem[] {
  const isColumn = field === 'name' || field === 'region' || field === 'status' || field === 'tags';
  if (!isColumn && !Object.hasOwn(live.attrs, field)) {
    return [{ path, message: `is no field or attribute of this ${kind}` }];
  }
  if (field === 'tags') {
    if (!Array.isArray(value) || !value.every((tag) => typeof tag === 'string')) {
      return [{ path, message: 'takes a list of strings' }];
    }
    return kind === 'droplet' ? dropletTagProblems(value, path) : [];
  }
  if (isColumn || field === 'size_slug' || (kind === 'droplet' && field === 'image')) {
    if (typeof value !== 'string' || value === '') return [{ path, message: 'takes a string that is not empty' }];
  }
  return kind === 'droplet' && field === 'name' ? dropletNameProblems(value as string, path) : [];
}

function isWithinDepth(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((each) => isWithinDepth(each, levels - 1));
}
