import { z } from 'zod';
import type { DigitalOceanClient } from '../integrations/digitalocean/client.js';
import type { DomainRecord } from '../integrations/digitalocean/domains.js';
import { done, failed, type StepResult } from '../services/sagas/step.js';

/** A record as it was before a step changed it. */
export const RecordNotes = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  data: z.string(),
  ttl: z.int().nullable(),
  priority: z.int().nullable(),
  port: z.int().nullable(),
  weight: z.int().nullable(),
  flags: z.int().nullable(),
  tag: z.string().nullable(),
}) satisfies z.ZodType<DomainRecord>;

/** The notes that a step which sets a record stores before it acts. */
export const UpsertNotes = z.object({
  /** Null: there was no record, so the step creates one. */
  prior: RecordNotes.nullable(),
});
export type UpsertNotes = z.infer<typeof UpsertNotes>;

export const UpsertOutput = z.object({ recordId: z.string(), recordChange: z.enum(['created', 'updated', 'none']) });
type UpsertOutput = z.infer<typeof UpsertOutput>;

/** The values that some record types have beside `data`. */
const Extras = z.object({
  priority: z.int().nullish(),
  port: z.int().nullish(),
  weight: z.int().nullish(),
  flags: z.int().nullish(),
  tag: z.string().nullish(),
});
type Extras = z.infer<typeof Extras>;

/** The inputs of a step that sets a record. */
export const DesiredRecord = Extras.extend({
  domain: z.string(),
  type: z.string(),
  name: z.string(),
  data: z.string(),
  ttl: z.int(),
});
export type DesiredRecord = z.infer<typeof DesiredRecord>;

interface RecordTask {
  readonly wanted: DesiredRecord;
  readonly notes: Partial<UpsertNotes>;
  readonly saveNotes: (more: Partial<UpsertNotes>) => Promise<void>;
  readonly digitalOcean: DigitalOceanClient;
}

/** Creates the record of that type and name, or updates its data. Changes nothing if the data is the same. */
export async function upsertRecord({
  wanted,
  notes,
  saveNotes,
  digitalOcean,
}: RecordTask): Promise<StepResult<UpsertOutput>> {
  const { records } = digitalOcean.domains;
  const { domain, ...spec } = wanted;
  const found = await records.find(domain, wanted);
  const same = found.find((record) => matchesSpec(record, wanted));
  if (same) {
    const change = notes.prior === undefined ? 'none' : notes.prior === null ? 'created' : 'updated';
    return done({ recordId: same.id, recordChange: change });
  }
  const [prior = null, ...others] = found;
  if (others.length > 0) {
    return failed(
      'permanent',
      `${wanted.name} has ${found.length} ${wanted.type} records; delete all but one of them and try again`,
    );
  }
  await saveNotes({ prior });
  if (prior === null) return done({ recordId: (await records.create(domain, spec)).id, recordChange: 'created' });
  const { id } = await records.update(domain, prior.id, {
    ...prior,
    data: spec.data,
    ttl: spec.ttl,
    ...recordValues(spec),
  });
  return done({ recordId: id, recordChange: 'updated' });
}

/** Deletes the created record, or restores the updated one. A record that somebody else has changed since stays. */
export async function restoreRecord({
  wanted,
  notes,
  digitalOcean,
}: Omit<RecordTask, 'saveNotes'>): Promise<StepResult<unknown>> {
  if (notes.prior === undefined) return done();
  const { records } = digitalOcean.domains;
  const ours = (await records.find(wanted.domain, wanted)).find((record) => matchesSpec(record, wanted));
  if (!ours) return done();
  if (notes.prior === null) await records.delete(wanted.domain, ours.id);
  else if (ours.id === notes.prior.id) await records.update(wanted.domain, ours.id, notes.prior);
  return done();
}

/** Whether the record has the wanted data and the given values. A different ttl alone is no difference (spec §3). */
function matchesSpec(record: DomainRecord, wanted: DesiredRecord): boolean {
  const given = Object.entries(recordValues(wanted));
  return hasData(record, wanted) && given.every(([name, value]) => record[name as keyof Extras] === value);
}

function recordValues({ priority, port, weight, flags, tag }: Extras): Partial<DomainRecord> {
  const all = { priority, port, weight, flags, tag };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null && value !== undefined));
}

/** Compares without the final dot: the provider takes host names with it and answers them without. */
export function hasData(record: Pick<DomainRecord, 'data'>, { data }: { readonly data: string }): boolean {
  const bare = (text: string) => (text.length > 1 && text.endsWith('.') ? text.slice(0, -1) : text);
  return bare(record.data) === bare(data);
}
