import { z } from 'zod';
import { defineStep } from '../services/sagas/step.js';
import { KeptUpsert, restoreRecord, UpsertOutput, upsertRecord } from './dns-records.js';

/** Sets a record by its type and name. */
export const upsertDnsRecord = defineStep({
  name: 'UpsertDnsRecord',
  version: 1,
  inputs: z.object({
    domain: z.string(),
    type: z.string(),
    name: z.string(),
    data: z.string(),
    ttl: z.int(),
    priority: z.int().nullish(),
  }),
  output: UpsertOutput,
  kept: KeptUpsert,

  execute: ({ inputs, kept, keep, digitalOcean }) => upsertRecord({ wanted: inputs, kept, keep, digitalOcean }),
  compensate: ({ inputs, kept, digitalOcean }) => restoreRecord({ wanted: inputs, kept, digitalOcean }),
});
