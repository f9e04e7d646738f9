import { z } from 'zod';
import { defineStep, done } from '../services/sagas/step.js';
import { hasData, RecordNotes } from './dns-records.js';

/** Deletes the records of a type and name. Succeeds if there are none. */
export const deleteDnsRecord = defineStep({
  name: 'DeleteDnsRecord',
  version: 1,
  inputs: z.object({
    domain: z.string(),
    type: z.string(),
    name: z.string(),
    /** Deletes only records with one of these values; left out: all of that type and name. */
    onlyData: z.array(z.string()).nullish(),
  }),
  notes: z.object({ prior: z.array(RecordNotes) }),

  async execute({ inputs: { domain, onlyData, ...which }, notes, saveNotes, digitalOcean }) {
    const { records } = digitalOcean.domains;
    const found = await records.find(domain, which);
    const matching = onlyData ? found.filter((record) => onlyData.some((data) => hasData(record, { data }))) : found;
    // An earlier attempt may have deleted some already: compensation creates those again too.
    const known = notes.prior ?? [];
    const unknown = matching.filter((record) => !known.some((each) => each.id === record.id));
    if (unknown.length > 0) await saveNotes({ prior: [...known, ...unknown] });
    for (const record of matching) await records.delete(domain, record.id);
    return done();
  },

  async compensate({ inputs: { domain, onlyData: _, ...which }, notes, digitalOcean }) {
    if (!notes.prior || notes.prior.length === 0) return done();
    const { records } = digitalOcean.domains;
    const present = await records.find(domain, which);
    for (const prior of notes.prior) {
      if (!present.some((record) => hasData(record, prior))) await records.create(domain, prior);
    }
    return done();
  },
});
