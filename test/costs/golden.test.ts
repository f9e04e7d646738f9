import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DataOf, gql, present } from '../support/typed-document.js';
import { type CostsApp, INGEST, startCostsApp } from './costs-app.js';

let app: CostsApp;
beforeAll(async () => {
  app = await startCostsApp();
});
afterAll(() => app.close());

const INVOICES = gql(`query($after: Cursor) { cloudInvoices(first: 50, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } nodes { id providerId period total { cents currency } tax { cents } linesTotal { cents } issuedAt ingestStatus
  ingestedAt ingestError lineCount matchRate totalDifference difference { cents currency } pushedToFinanceAt financeInvoiceId financeError financeNextAttemptAt } } }`);
const LINES =
  gql(`query($after: Cursor, $filter: CostLineFilter) { costLines(first: 100, after: $after, filter: $filter) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { id lineNumber period product groupDescription description kind hours startsAt endsAt amount { cents currency }
    projectName category matchStatus matchReason invoice { id period } resource { id kind name deletedAt } } } }`);

interface Page<Node> {
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly nodes: readonly Node[];
}

async function allPages<Node>(pageAfter: (after: string | null) => Promise<Page<Node>>): Promise<Node[]> {
  const nodes: Node[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page<Node> = await pageAfter(after);
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) {
      expect(nodes).toHaveLength(page.totalCount);
      return nodes;
    }
    after = page.pageInfo.endCursor;
  }
}
const allInvoices = () => allPages(async (after) => (await app.data(INVOICES, { after })).cloudInvoices);
const allLines = () => allPages(async (after) => (await app.data(LINES, { after })).costLines);

const APRIL = { filter: { period: '2026-04-15' } };

describe('the billing history', () => {
  it('is 137 invoices, each found once', async () => {
    const discover = gql('mutation { discoverCloudInvoices { discovered queued } }');
    expect((await app.data(discover)).discoverCloudInvoices).toEqual({ discovered: 137, queued: 137 });
    await app.settled();
    expect((await app.data(discover)).discoverCloudInvoices).toEqual({ discovered: 0, queued: 0 });
    const invoices = await allInvoices();
    expect(invoices).toHaveLength(137);
    expect(new Set(invoices.map((invoice) => invoice.providerId)).size).toBe(137);
    expect(invoices[0]?.period).toBe('2026-04-01');
    expect(invoices.at(-1)?.period).toBe('2014-12-01');
    expect(invoices.map((invoice) => invoice.period)).toEqual(
      invoices
        .map((invoice) => invoice.period)
        .sort()
        .reverse(),
    );
  });

  it('has lines that come to each invoice, to the cent', async () => {
    const invoices = await allInvoices();
    const lines = await allLines();
    const sums = new Map<string, { cents: number; count: number; attached: number; tax: number }>();
    for (const line of lines) {
      const sum = sums.get(line.invoice.id) ?? { cents: 0, count: 0, attached: 0, tax: 0 };
      sum.cents += line.amount.cents;
      sum.count += 1;
      sum.attached += line.resource === null ? 0 : 1;
      sum.tax += line.matchStatus === 'TAX' ? line.amount.cents : 0;
      sums.set(line.invoice.id, sum);
      expect(line.period).toBe(line.invoice.period);
      expect(line.matchReason).toMatch(/^[A-Z0-9"].*\.$/);
    }
    for (const invoice of invoices) {
      const { cents, count, attached, tax } = sums.get(invoice.id) ?? { cents: 0, count: 0, attached: 0, tax: 0 };
      expect(invoice).toMatchObject({
        ingestStatus: 'INGESTED',
        ingestError: null,
        total: { cents, currency: 'USD' },
        linesTotal: { cents },
        tax: { cents: tax },
        lineCount: count,
        matchRate: attached / count,
        totalDifference: null,
        pushedToFinanceAt: null,
        financeInvoiceId: null,
        financeError: null,
        financeNextAttemptAt: null,
      });
    }
  });

  it('makes one row for each thing that only invoices know, whatever its kind and however often it was billed', async () => {
    const rows = await app.sql(`select kind, lower(name) as name, count(*)::int as count from cloud_resources
      where is_from_invoice group by 1, 2 having count(*) > 1`);
    expect(rows).toEqual([]);
    const events = await app.sql(`select count(*)::int as events, count(distinct resource_id)::int as resources,
      (select count(*)::int from cloud_resources where is_from_invoice) as made
      from cloud_resource_events where actor like 'cloud-invoice:%' and type = 'discovered'`);
    expect(present(events[0]).events).toBe(present(events[0]).made);
    expect(present(events[0]).resources).toBe(present(events[0]).made);
    const ends = await app.row(`select count(*)::int as wrong from cloud_resources resource where is_from_invoice
      and deleted_at <> (select max(ends_at) from live_cost_lines line where line.resource_id = resource.id)`);
    expect(ends.wrong).toBe(0);
  });
});

describe('the golden April 2026', () => {
  it('is 33 lines, USD 86.92 of which GST 7.90', async () => {
    const { cloudInvoices } = await app.data(INVOICES);
    expect(cloudInvoices.nodes[0]).toMatchObject({
      period: '2026-04-01',
      total: { cents: 8692, currency: 'USD' },
      tax: { cents: 790 },
      issuedAt: '2026-05-01T00:00:00.000Z',
      lineCount: 33,
      matchRate: 28 / 33,
    });
  });

  it('matches 17, finds 11 gone, 1 tax, 1 of the account and 3 near misses', async () => {
    const counts = await Promise.all(
      (['MATCHED', 'HISTORIC', 'TAX', 'ACCOUNT_LEVEL', 'UNMATCHED', 'AMBIGUOUS'] as const).map(
        async (matchStatus) =>
          (await app.data(LINES, { filter: { ...APRIL.filter, matchStatus } })).costLines.totalCount,
      ),
    );
    expect(counts).toEqual([17, 11, 1, 1, 3, 0]);
  });

  it('names the likeliest resource of each near miss', async () => {
    const { costLines } = await app.data(LINES, { filter: { ...APRIL.filter, matchStatus: 'UNMATCHED' } });
    expect(costLines.nodes.map((line) => [line.kind, line.resource, line.matchReason])).toEqual([
      [
        'SNAPSHOT',
        null,
        'No snapshot is called "mail.sky-ai.com-1730419200285"; the likeliest is "mail.sky-ai.com-1730419200258", give it the billed name if it is the same.',
      ],
      [
        'SNAPSHOT',
        null,
        'No snapshot is called "studio-demo golden-image"; the likeliest is "studio-demo golden image", give it the billed name if it is the same.',
      ],
      [
        'SNAPSHOT',
        null,
        'No snapshot is called "git.sky-ai.com before migration"; the likeliest is "git.sky-ai.com-before-migration", give it the billed name if it is the same.',
      ],
    ]);
  });

  it('shows each line whole: a backup is its droplet’s, what is gone is a tombstone', async () => {
    const { costLines } = await app.data(LINES, APRIL);
    const invoice = present((await app.data(INVOICES)).cloudInvoices.nodes[0]);
    expect(costLines.nodes[0]).toEqual({
      id: `${invoice.id}:1`,
      lineNumber: 1,
      period: '2026-04-01',
      product: 'Droplets',
      groupDescription: null,
      description: 'holyspiritbraypark.com (s-1vcpu-512mb-10gb)',
      kind: 'DROPLET',
      hours: '720',
      startsAt: '2026-04-01T00:00:00.000Z',
      endsAt: '2026-05-01T00:00:00.000Z',
      amount: { cents: 400, currency: 'USD' },
      projectName: expect.any(String),
      category: 'iaas',
      matchStatus: 'MATCHED',
      matchReason: 'The droplet "holyspiritbraypark.com" bears the billed name.',
      invoice: { id: invoice.id, period: '2026-04-01' },
      resource: { id: expect.any(String), kind: 'DROPLET', name: 'holyspiritbraypark.com', deletedAt: null },
    });
    const backup = costLines.nodes.find((line) => line.description === 'mail.sky-ai.com (Weekly Backup Services)');
    expect(backup).toMatchObject({ kind: 'DROPLET_BACKUP', resource: { kind: 'DROPLET', name: 'mail.sky-ai.com' } });
    const gone = costLines.nodes.find((line) => line.description.startsWith('staging-alpha ('));
    expect(gone).toMatchObject({
      matchStatus: 'HISTORIC',
      matchReason: 'No droplet "staging-alpha" or nearly so was ever listed; it is known from invoices alone.',
      resource: { kind: 'DROPLET', name: 'staging-alpha', deletedAt: '2026-04-18T04:00:00.000Z' },
    });
  });

  it('charges the five droplets, their backups included, USD 30.53', async () => {
    const { costLines } = await app.data(LINES, APRIL);
    const theirs = costLines.nodes.filter((line) => line.resource?.kind === 'DROPLET' && !line.resource.deletedAt);
    expect(new Set(theirs.map((line) => present(line.resource).id)).size).toBe(5);
    expect(theirs.reduce((sum: number, line) => sum + line.amount.cents, 0)).toBe(3053);
  });

  it('tells of one resource what it has cost, the newest month first, page by page', async () => {
    const { resources } = await app.data(
      gql('{ resources(filter: { kinds: [DROPLET], nameContains: "git.sky-ai.com" }) { nodes { id } } }'),
    );
    const { id } = present(resources.nodes[0]);
    const query = gql(`query($id: ID!, $after: Cursor) { resource(id: $id) { costLines(first: 7, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } nodes { id period description } } } }`);
    const lines: { id: string; period: string; description: string }[] = [];
    for (let after: string | null = null; ; ) {
      const { costLines }: NonNullable<DataOf<typeof query>['resource']> = present(
        (await app.data(query, { id, after })).resource,
      );
      lines.push(...costLines.nodes);
      if (!costLines.pageInfo.hasNextPage) {
        expect(costLines.totalCount).toBe(lines.length);
        break;
      }
      after = costLines.pageInfo.endCursor;
    }
    const kept = await app.row<{ count: number }>(
      'select count(*)::int as count from live_cost_lines where resource_id = $1',
      [id],
    );
    expect(lines).toHaveLength(kept.count);
    expect(new Set(lines.map((line) => line.id)).size).toBe(lines.length);
    expect(lines.slice(0, 2).map((line) => line.description)).toEqual([
      'git.sky-ai.com (s-1vcpu-1gb)',
      'git.sky-ai.com (s-1vcpu-2gb)',
    ]);
    expect(lines.map((line) => line.period)).toEqual(
      lines
        .map((line) => line.period)
        .sort()
        .reverse(),
    );
  });
});

describe('ingesting anew', () => {
  const everything = `select id, product, description, kind, amount_cents, match_status, match_reason, resource_id, starts_at, ends_at
    from live_cost_lines order by id`;
  const resources = `select id, kind, name, first_seen_at, last_seen_at, deleted_at from cloud_resources where is_from_invoice order by id`;

  it('gives the same lines, ids and resources, and no second event', async () => {
    const before = [await app.sql(everything), await app.sql(resources)];
    const events = await app.sql('select count(*) from cloud_resource_events');
    const { nodes } = (await app.data(INVOICES)).cloudInvoices;
    for (const { id } of nodes.slice(0, 5)) {
      const { invoice } = (await app.data(INGEST, { id })).ingestCloudInvoice;
      expect(['INGESTING', 'INGESTED']).toContain(invoice.ingestStatus);
    }
    await app.settled();
    expect([await app.sql(everything), await app.sql(resources)]).toEqual(before);
    expect(await app.sql('select count(*) from cloud_resource_events')).toEqual(events);
    const stored = await app.row(`select count(*)::int as lines, (select count(*)::int from live_cost_lines) as live,
      (select count(*)::int from cloud_invoice_ingests) as ingests from cloud_cost_lines`);
    expect(stored.lines).toBe(stored.live);
    expect(stored.ingests).toBe(137);
  });

  it('gives a thing its own row once the provider lists it, and the lines with it', async () => {
    const droplets = Object.values(await app.sandbox('GET', 'state/droplets'));
    await app.sandbox('PUT', 'state/droplets/777', { ...droplets[0], id: 777, name: 'Staging-Alpha' });
    await app.sync(['droplets']);
    const invoice = present((await app.data(INVOICES)).cloudInvoices.nodes[0]);
    await app.data(INGEST, { id: invoice.id });
    await app.settled();
    const { costLines } = await app.data(LINES, APRIL);
    const line = costLines.nodes.find((each) => each.description.startsWith('staging-alpha ('));
    expect(line).toMatchObject({ matchStatus: 'MATCHED', resource: { name: 'Staging-Alpha', deletedAt: null } });
    await app.sandbox('DELETE', 'state/droplets/777');
  });
});

describe('the balance', () => {
  it('is null before the first snapshot, then the newest', async () => {
    expect((await app.data(gql('{ balance { id } }'))).balance).toBeNull();
    const { balance } = (
      await app.data(
        gql(
          `mutation { refreshBalance { balance { monthToDateUsage { cents currency amount } monthToDateBalance { cents } accountBalance { cents } takenAt id } } }`,
        ),
      )
    ).refreshBalance;
    const shown = await app.sandbox('GET', 'state/billing/balance');
    expect(balance).toMatchObject({
      monthToDateUsage: { cents: 2344, currency: 'USD', amount: '23.44' },
      monthToDateBalance: { cents: Math.round(Number(shown.month_to_date_balance) * 100) },
      accountBalance: { cents: Math.round(Number(shown.account_balance) * 100) },
    });
    await app.sandbox('PATCH', 'state/billing/balance', { month_to_date_usage: '24.00', account_balance: '-5.01' });
    await app.data(gql('mutation { refreshBalance { balance { id } } }'));
    const newest = present(
      (
        await app.data(
          gql(
            `{ balance { monthToDateUsage { cents currency amount } monthToDateBalance { cents } accountBalance { cents } takenAt id } }`,
          ),
        )
      ).balance,
    );
    expect(newest).toMatchObject({ monthToDateUsage: { cents: 2400 }, accountBalance: { cents: -501 } });
    expect(newest.id).not.toBe(balance.id);
  });

  it('stays as it is where the provider does not answer, and says so', async () => {
    const before = (await app.data(gql('{ balance { id } }'))).balance;
    await app.sandbox('POST', 'faults', { method: 'GET', path: '/v2/customers/my/balance', times: 1, status: 401 });
    const { body } = await app.graphql(gql('mutation { refreshBalance { balance { id } } }'));
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'PROVIDER_ERROR', status: 401 });
    expect((await app.data(gql('{ balance { id } }'))).balance).toEqual(before);
  });
});
