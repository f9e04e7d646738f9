import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type MatchableLine, matchLine } from '../../../src/core/costs/match.js';
import { createResourceIndex, type ResourceRow } from '../../../src/core/costs/resource-index.js';
import { aLine, aResource, at } from './builders.js';

/** Few names, near each other, so that lines often meet none, one or several of them. */
const name = fc.constantFrom(
  ...['web-1', 'Web-1', 'web-01', 'web-2', 'studio-demo', 'studio-dmeo', 'studio demo', 'STUDIO-DEMO'],
  ...['mail-1730419200258', 'mail-1730419200285', 'holyspirit', 'holyspirti', 'gst'],
);
const day = fc.constantFrom('2026-03-15', '2026-04-10', '2026-04-20', '2026-06-01').map(at);

const resources: fc.Arbitrary<ResourceRow[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom('droplet' as const, 'snapshot' as const),
      name,
      region: fc.constantFrom('syd1', 'fra1', null),
      sizeGb: fc.constantFrom(1, 2.5, null),
      firstSeenAt: day,
      createdAt: fc.option(day),
      deletedAt: fc.option(day),
      isBilledBefore: fc.boolean(),
      isFromInvoice: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((rows) => rows.map((row, i) => aResource({ ...row, id: `r${String(i).padStart(2, '0')}` })));

const line: fc.Arbitrary<MatchableLine> = fc
  .record({
    name,
    product: fc.constantFrom('Droplets', 'Droplet Backups', 'Droplet Snapshots', 'Taxes', 'Spaces', '?'),
  })
  .map(({ name, product }) => {
    const label = product === 'Droplet Snapshots' ? '(syd1) 2.5GB Droplet Snapshot' : '(label)';
    return aLine({ product, description: `${name} ${label}` });
  });

describe('what a line matches', () => {
  it('does not depend on the order of the resources', () => {
    const shuffled = resources.chain((rows) =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
    );
    fc.assert(
      fc.property(shuffled, line, ([rows, others], billed) => {
        expect(matchLine(billed, createResourceIndex(others))).toEqual(matchLine(billed, createResourceIndex(rows)));
      }),
      { numRuns: 1000 },
    );
  });

  it('does not depend on what was asked before', () => {
    fc.assert(
      fc.property(resources, fc.array(line), line, (rows, earlier, billed) => {
        const index = createResourceIndex(rows);
        for (const each of earlier) matchLine(each, index);
        expect(matchLine(billed, index)).toEqual(matchLine(billed, createResourceIndex(rows)));
      }),
    );
  });

  it('is the same resource in any case, but for namesakes that case tells apart', () => {
    fc.assert(
      fc.property(resources, line, (rows, billed) => {
        const distinct = rows.filter(
          (row, i) =>
            rows.findIndex((each) => each.kind === row.kind && each.name.toLowerCase() === row.name.toLowerCase()) ===
            i,
        );
        const index = createResourceIndex(distinct);
        const shouted = { ...billed, description: billed.description.toUpperCase() };
        const [one, other] = [matchLine(billed, index), matchLine(shouted, index)];
        expect([other.status, other.resourceId, other.kind]).toEqual([one.status, one.resourceId, one.kind]);
      }),
    );
  });

  it('has a status, a one-sentence reason, and a resource just where the status says so', () => {
    fc.assert(
      fc.property(resources, line, (rows, billed) => {
        const { status, resourceId, reason, makeHistoric } = matchLine(billed, createResourceIndex(rows));
        expect(reason).toMatch(/^.+\.$/);
        expect(resourceId !== null).toBe(status === 'matched' || (status === 'historic' && makeHistoric === null));
      }),
    );
  });
});

describe('ingesting lines, each making the resources that it lacks', () => {
  /** Ingests in the order given and then all again; answers what the last time said, by line. */
  function ingestTwice(rows: readonly ResourceRow[], lines: readonly MatchableLine[]) {
    const known = [...rows];
    const outcomes = new Map<MatchableLine, string>();
    for (const billed of [...lines, ...lines]) {
      const { makeHistoric, ...outcome } = matchLine(billed, createResourceIndex(known));
      if (makeHistoric) {
        const id = `historic ${makeHistoric.kind} ${makeHistoric.name.toLowerCase()}`;
        known.push(aResource({ ...makeHistoric, id, isFromInvoice: true }));
      }
      const said = JSON.stringify([outcome.status, outcome.kind, outcome.reason]);
      expect(outcomes.get(billed) ?? said).toBe(said);
      outcomes.set(billed, said);
    }
    return { said: lines.map((billed) => outcomes.get(billed)), made: new Set(known.map((row) => row.id)) };
  }

  it('ends in the same statuses, reasons and resources in any order and any number of times', () => {
    const shuffled = fc
      .array(line, { maxLength: 10 })
      .chain((lines) => fc.tuple(fc.constant(lines), fc.shuffledSubarray(lines, { minLength: lines.length })));
    fc.assert(
      fc.property(resources, shuffled, (rows, [lines, others]) => {
        const [one, other] = [ingestTwice(rows, lines), ingestTwice(rows, others)];
        expect(other.made).toEqual(one.made);
        expect([...other.said].sort()).toEqual([...one.said].sort());
      }),
      { numRuns: 300 },
    );
  });
});
