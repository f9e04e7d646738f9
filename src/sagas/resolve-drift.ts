import { z } from 'zod';
import { reopenDrift, resolveDrift } from '../services/drift/resolve-drift.js';
import { defineStep, done } from '../services/sagas/step.js';

/** Closes the drift that the saga has reverted. */
export const resolveDriftStep = defineStep({
  name: 'ResolveDrift',
  version: 1,
  inputs: z.object({ driftId: z.string() }),

  async execute({ actor, clock, inputs: { driftId }, write }) {
    await write((db) => resolveDrift(db, { id: driftId, status: 'reverted', by: actor, at: clock() }));
    return done();
  },

  async compensate({ actor, inputs: { driftId }, write }) {
    await write((db) => reopenDrift(db, { id: driftId, by: actor }));
    return done();
  },
});
