import { z } from 'zod';
import { defineStep, done } from '../services/sagas/step.js';
import { KeptUpsert, restoreRecord, UpsertOutput, upsertRecord } from './dns-records.js';

const Dns = z.object({ domain: z.string(), name: z.string(), ttl: z.int() });

/** Points the deployment's name at its droplet. */
export const pointDeploymentDns = defineStep({
  name: 'PointDeploymentDns',
  version: 1,
  inputs: z.object({ dns: Dns }),
  context: z.object({ ipv4: z.string() }),
  output: UpsertOutput,
  kept: KeptUpsert,

  execute: ({ inputs: { dns }, context: { ipv4 }, kept, keep, digitalOcean }) =>
    upsertRecord({ wanted: { ...dns, type: 'A', data: ipv4 }, kept, keep, digitalOcean }),

  compensate: async ({ inputs: { dns }, context: { ipv4 }, kept, digitalOcean }) =>
    ipv4 === undefined ? done() : restoreRecord({ wanted: { ...dns, type: 'A', data: ipv4 }, kept, digitalOcean }),
});
