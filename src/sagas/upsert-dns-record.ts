import { defineStep } from '../services/sagas/step.js';
import { DesiredRecord, restoreRecord, UpsertNotes, UpsertOutput, upsertRecord } from './dns-records.js';

/** Sets a record by its type and name. */
export const upsertDnsRecord = defineStep({
  name: 'UpsertDnsRecord',
  version: 1,
  inputs: DesiredRecord,
  output: UpsertOutput,
  notes: UpsertNotes,

  execute: ({ inputs, notes, saveNotes, digitalOcean }) =>
    upsertRecord({ wanted: inputs, notes, saveNotes, digitalOcean }),
  compensate: ({ inputs, notes, digitalOcean }) => restoreRecord({ wanted: inputs, notes, digitalOcean }),
});
