import { defineStep } from '../services/sagas/step.js';
import { KeptUpsert, restoreRecord, UpsertOutput, upsertRecord, WantedRecord } from './dns-records.js';

/** Sets a record by its type and name. */
export const upsertDnsRecord = defineStep({
  name: 'UpsertDnsRecord',
  version: 1,
  inputs: WantedRecord,
  output: UpsertOutput,
  kept: KeptUpsert,

  execute: ({ inputs, kept, keep, digitalOcean }) => upsertRecord({ wanted: inputs, kept, keep, digitalOcean }),
  compensate: ({ inputs, kept, digitalOcean }) => restoreRecord({ wanted: inputs, kept, digitalOcean }),
});
