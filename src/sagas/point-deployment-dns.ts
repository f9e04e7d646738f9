import { z } from 'zod';
import { defineStep, done } from '../services/sagas/step.js';
import { restoreRecord, UpsertNotes, UpsertOutput, upsertRecord } from './dns-records.js';

const Dns = z.object({ domain: z.string(), name: z.string(), ttl: z.int() });

/** Points the deployment's name at its droplet. */
export const pointDeploymentDns = defineStep({
  name: 'PointDeploymentDns',
  version: 1,
  inputs: z.object({ dns: Dns }),
  context: z.object({ ipv4: z.string() }),
  output: UpsertOutput,
  notes: UpsertNotes,

  execute: ({ inputs: { dns }, context: { ipv4 }, notes, saveNotes, digitalOcean }) =>
    upsertRecord({ wanted: { ...dns, type: 'A', data: ipv4 }, notes, saveNotes, digitalOcean }),

  compensate: async ({ inputs: { dns }, context: { ipv4 }, notes, digitalOcean }) =>
    ipv4 === undefined ? done() : restoreRecord({ wanted: { ...dns, type: 'A', data: ipv4 }, notes, digitalOcean }),
});
