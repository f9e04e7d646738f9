import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { readCostHeader } from '../../../src/core/costs/csv-header.js';
import { type CostLineDraft, readCostLine } from '../../../src/core/costs/csv-line.js';
import { addToTotals, NO_LINES, totalDifference } from '../../../src/core/costs/ingest-totals.js';
import { type MatchOutcome, matchLine } from '../../../src/core/costs/match.js';
import { createResourceIndex, type ResourceRow } from '../../../src/core/costs/resource-index.js';
import type { SandboxInvoice } from '../../../src/sandbox/account.js';
import { billing } from '../../../src/sandbox/endpoints/billing.js';
import { goldenAccount } from '../../../src/sandbox/golden/account.js';
import type { Call } from '../../../src/sandbox/router.js';
import { aResource } from './builders.js';

const account = goldenAccount();

/** The droplets and snapshots of the golden account, as the mirror holds them. */
function goldenResources(): ResourceRow[] {
  const droplets = Object.values(account.droplets).map((droplet) =>
    aResource({ id: `droplet ${droplet['name']}`, name: String(droplet['name']) }),
  );
  const snapshots = Object.values(account.snapshots).map((snapshot) =>
    aResource({
      id: `snapshot ${snapshot['name']}`,
      kind: 'snapshot',
      name: String(snapshot['name']),
      sizeGb: Number(snapshot['size_gigabytes']),
    }),
  );
  return [...droplets, ...snapshots];
}

/** The lines of the CSV that the sandbox answers with. */
function linesOf({ uuid }: SandboxInvoice): CostLineDraft[] {
  const answer = billing['GET /v2/customers/my/invoices/:uuid/csv']?.({ account, params: { uuid } } as unknown as Call);
  const [header = [], ...records] = parse(String(answer && 'text' in answer ? answer.text : '')) as string[][];
  const columns = readCostHeader(header);
  if ('error' in columns) throw new Error(columns.error);
  return records.map((record, i) => {
    const line = readCostLine(columns, record, i + 1);
    if ('error' in line) throw new Error(line.error.reason);
    return line;
  });
}

/** Ingests in the order given; what is gone and never listed gets a row, as an ingest makes one. */
function ingest(invoices: readonly SandboxInvoice[]): Map<string, MatchOutcome[]> {
  const known = goldenResources();
  return new Map(
    invoices.map((invoice) => {
      const index = createResourceIndex(known);
      const outcomes = linesOf(invoice).map((line) => matchLine(line, index));
      for (const { makeHistoric } of outcomes) {
        if (!makeHistoric) continue;
        const id = `historic ${makeHistoric.kind} ${makeHistoric.name.toLowerCase()}`;
        if (!known.some((row) => row.id === id)) known.push(aResource({ ...makeHistoric, id, isFromInvoice: true }));
      }
      return [invoice.uuid, outcomes];
    }),
  );
}

const april = account.billing.invoices.find((invoice) => invoice.period === '2026-04') as SandboxInvoice;

describe('the golden April 2026', () => {
  const lines = linesOf(april);

  it('has 33 lines, USD 86.92 of which GST 7.90', () => {
    const totals = addToTotals(NO_LINES, lines);
    expect(totals).toEqual({ lineCount: 33, totalCents: 8692, taxCents: 790 });
    expect(totalDifference(totals, april.totalCents)).toBeNull();
  });

  it('matches 17, finds 11 gone, 1 tax, 1 of the account and 3 near misses', () => {
    const outcomes = ingest([april]).get(april.uuid) ?? [];
    const count = (status: string) => outcomes.filter((outcome) => outcome.status === status).length;
    expect(['matched', 'historic', 'tax', 'account_level', 'unmatched', 'ambiguous'].map(count)).toEqual([
      17, 11, 1, 1, 3, 0,
    ]);
    expect(outcomes.filter((outcome) => outcome.status === 'unmatched').map((outcome) => outcome.reason)).toEqual([
      'No snapshot is called "mail.sky-ai.com-1730419200285"; the likeliest is "mail.sky-ai.com-1730419200258", give it the billed name if it is the same.',
      'No snapshot is called "studio-demo golden-image"; the likeliest is "studio-demo golden image", give it the billed name if it is the same.',
      'No snapshot is called "git.sky-ai.com before migration"; the likeliest is "git.sky-ai.com-before-migration", give it the billed name if it is the same.',
    ]);
    const made = outcomes.flatMap(({ makeHistoric }) => (makeHistoric ? [makeHistoric] : []));
    expect(made.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'droplet staging-alpha',
      'droplet load-test-1',
      'droplet load-test-2',
      'droplet repo.sky-ai.com',
      'droplet import-worker',
      'droplet ci-runner',
      'droplet release-rehearsal',
      'droplet theme-preview-1',
      'droplet theme-preview-2',
      'droplet dns-probe',
      'droplet repo.sky-ai.com',
    ]);
  });

  it('charges USD 30.53 to the five droplets, their backups included', () => {
    const index = createResourceIndex(goldenResources());
    const theirs = lines.filter((line) => matchLine(line, index).resourceId?.startsWith('droplet '));
    expect(addToTotals(NO_LINES, theirs).totalCents).toBe(3053);
  });
});

describe('all 137 invoices', () => {
  const { invoices } = account.billing;

  it('come to what they state, to the cent', () => {
    expect(invoices).toHaveLength(137);
    for (const invoice of invoices) {
      expect(totalDifference(addToTotals(NO_LINES, linesOf(invoice)), invoice.totalCents)).toBeNull();
    }
  });

  it('get the same statuses and reasons oldest first and newest first, and none is left open but the near misses', () => {
    const said = (ingested: Map<string, MatchOutcome[]>) =>
      invoices.map(({ uuid }) => ingested.get(uuid)?.map(({ status, reason }) => [status, reason]));
    const newestFirst = ingest(invoices);
    expect(said(ingest(invoices.toReversed()))).toEqual(said(newestFirst));
    const open = [...newestFirst.values()]
      .flat()
      .filter(({ status }) => status === 'unmatched' || status === 'ambiguous');
    expect(open).toHaveLength(3);
  });
});
