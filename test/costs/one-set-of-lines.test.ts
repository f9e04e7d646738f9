import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ingestInvoice } from '../../src/services/costs/ingest-invoice.js';
import { requestIngest } from '../../src/services/costs/request-ingest.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Program, startProgram } from '../support/program.js';
import { gql, present } from '../support/typed-document.js';
import { type CostsApp, INGEST, onlyApril, startCostsApp, watchCosts } from './costs-app.js';

const HEADER = 'product,group_description,description,hours,start,end,USD,project_name,category\n';
const MONTH = '2026-04-01 00:00:00 +0000,2026-05-01 00:00:00 +0000';

/** So many lines that they are written in several transactions; every tenth is of a droplet that is gone. */
function longCsv(lines: number): string {
  let csv = HEADER;
  for (let n = 1; n <= lines; n++) {
    const name = n % 10 === 0 ? `gone-${n % 300}` : 'mail.sky-ai.com';
    csv += `Droplets,,${name} (s-1vcpu-1gb),720,${MONTH},$0.01,${'a project with a long name '.repeat(6)},iaas\n`;
  }
  return csv;
}

/** A provider that has nothing but CSVs: each answer is written by what is told to. */
interface CsvProvider {
  readonly url: string;
  requests: number;
  answer(reply: (response: ServerResponse, request: number) => void): void;
  close(): Promise<void>;
}

async function startCsvProvider(): Promise<CsvProvider> {
  let reply: (response: ServerResponse, request: number) => void = (response) => response.end();
  const server = createServer((request, response) => {
    if (!request.url?.endsWith('/csv')) {
      response.writeHead(404).end('{"id":"not_found"}');
      return;
    }
    provider.requests += 1;
    response.writeHead(200, { 'content-type': 'text/csv' });
    reply(response, provider.requests);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const provider: CsvProvider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    answer(next) {
      reply = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return provider;
}

const LIVE = `select line_number, description, amount_cents, match_status, match_reason, resource_id from live_cost_lines order by line_number`;
const STORED = `select (select count(*)::int from cloud_cost_lines) as lines, (select count(*)::int from cloud_invoice_ingests) as ingests,
  (select count(*)::int from cloud_resources where is_from_invoice) as made,
  (select count(*)::int from cloud_resource_events where actor like 'cloud-invoice:%') as told`;

describe('two that ingest one invoice at once', () => {
  let app: CostsApp;
  let other: CostsApp;
  let provider: CsvProvider;
  let id: string;
  let april: { uuid: string };
  let golden: unknown[];
  const never = new AbortController().signal;

  beforeAll(async () => {
    provider = await startCsvProvider();
    app = await startCostsApp();
    april = await onlyApril(app);
    await app.ingestAll();
    golden = await app.sql(LIVE);
    id = present((await app.data(gql('{ cloudInvoices { nodes { id } } }'))).cloudInvoices.nodes[0]).id;
    other = await startCostsApp({
      synced: false,
      databaseUrl: app.databaseUrl,
      sandboxUrl: provider.url,
      worker: false,
      environment: { SAGA_LEASE_SECONDS: '3600' }, // so that it renews nothing meanwhile
    });
  });
  afterAll(async () => {
    await other.close();
    await app.close();
    await provider.close();
  });

  it('do not mix where one falls silent and comes back after the other has taken over: it writes nothing more', async () => {
    // The silent one has written part of its lines when its stream stalls and its lease ends.
    const long = longCsv(30_000);
    const half = long.indexOf('\n', Math.floor(long.length / 2)) + 1;
    let goOn = () => {};
    provider.answer((response) => {
      response.write(long.slice(0, half));
      goOn = () => response.end(long.slice(half));
    });
    await app.sql(`update cloud_invoices set ingest_status = 'ingesting'`); // as if asked for, its job lost
    const silent = ingestInvoice(other.app, id, never);
    await app.until(async () => (await app.row<{ lines: number }>(STORED)).lines > 33);
    await app.sql(`update cloud_invoices set ingest_lease_until = clock_timestamp() - interval '1 second'`);
    await app.sweep();
    await app.until(
      async () =>
        (await app.row<{ status: string }>('select ingest_status as status from cloud_invoices')).status === 'ingested',
    );
    expect(await app.sql(LIVE)).toEqual(golden);
    goOn();
    await silent;
    expect(await app.sql(LIVE)).toEqual(golden);
    expect(await app.sql(STORED)).toEqual([{ lines: 33, ingests: 1, made: 10, told: 10 }]);
    expect(await app.ingested(id)).toMatchObject({ ingestStatus: 'INGESTED', ingestError: null, lineCount: 33 });
  });

  it('are seen by readers as the old lines or the new ones, never as both or a part', async () => {
    const long = longCsv(30_000);
    provider.answer((response) => response.end(long));
    const seen = new Set<number>();
    let done = false;
    await requestIngest({ ...other.app, queues: { add: async () => {} } }, id);
    const ingesting = ingestInvoice(other.app, id, never).then(() => {
      done = true;
    });
    while (!done) {
      const row = await app.row<{ lines: number }>('select count(*)::int as lines from live_cost_lines');
      seen.add(row.lines);
    }
    await ingesting;
    expect([...seen].filter((lines) => lines !== 33 && lines !== 30_000)).toEqual([]);
    expect(await app.sql(STORED)).toEqual([{ lines: 30_000, ingests: 1, made: 40, told: 40 }]);
  });

  it('end in one set of lines, whichever asks and whichever works', async () => {
    const path = `/v2/customers/my/invoices/${april.uuid}/csv`;
    const headers = { authorization: 'Bearer test-billing' };
    const csv = await fetch(app.sandboxUrl + path, { headers }).then((answer) => answer.text());
    provider.answer((response) => response.end(csv));
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        app.data(INGEST, { id }),
        other.data(INGEST, { id }),
        ingestInvoice(app.app, id, never),
        ingestInvoice(other.app, id, never),
        app.sweep(),
        other.sweep(),
      ]);
      await app.settled();
      expect(await app.sql(LIVE)).toEqual(golden);
      expect(await app.sql(STORED)).toEqual([{ lines: 33, ingests: 1, made: 40, told: 40 }]);
    }
  });
});

describe('a worker that is killed half-way through an ingest', () => {
  let owner: TestApp;
  let provider: CsvProvider;
  const programs: Program[] = [];
  const long = longCsv(30_000);

  beforeAll(async () => {
    provider = await startCsvProvider();
    // Holds database and sandbox, and takes no job.
    owner = await startTestApp({ worker: false });
    const before = await startCostsApp({ databaseUrl: owner.databaseUrl, sandboxUrl: owner.sandboxUrl });
    await onlyApril(before);
    await before.ingestAll();
    await before.close();
  });
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.end('SIGTERM')));
    await owner.close();
    await provider.close();
  });

  it('leaves the old lines to be read, and another ends where it would have ended', async () => {
    const watch = await watchCosts(owner.databaseUrl);
    const stored = () => owner.row<{ lines: number; ingests: number }>(STORED);
    const old = await owner.sql(LIVE);
    const { id } = await owner.row<{ id: string }>('select id from cloud_invoices');
    const environment = { DATABASE_URL: owner.databaseUrl, DO_API_URL: provider.url, SAGA_LEASE_SECONDS: '2' };
    const killed = await startProgram('worker', environment);
    programs.push(killed);
    const half = long.indexOf('\n', Math.floor(long.length / 2)) + 1;
    provider.answer((response, request) => {
      if (request === 1) response.write(long.slice(0, half));
      else response.end(long);
    });
    const { invoice } = (await owner.data(INGEST, { id })).ingestCloudInvoice;
    expect(invoice.ingestStatus).toBe('INGESTING');
    await watch.until(async () => (await stored()).lines > 33);
    await killed.end('SIGKILL');

    const left = present(await stored());
    expect(left).toMatchObject({ ingests: 2, made: 10, told: 10 });
    expect(left.lines).toBeGreaterThan(33 + 5_000);
    expect(left.lines).toBeLessThan(33 + 30_000);
    expect(await owner.sql(LIVE)).toEqual(old);
    const shown = gql(
      '{ cloudInvoices { nodes { ingestStatus lineCount linesTotal { cents } } } costLines { totalCount } }',
    );
    expect(await owner.data(shown)).toEqual({
      cloudInvoices: { nodes: [{ ingestStatus: 'INGESTING', lineCount: 33, linesTotal: { cents: 8692 } }] },
      costLines: { totalCount: 33 },
    });

    await owner.sql('select pg_sleep_until(max(ingest_lease_until)) from cloud_invoices');
    programs.push(await startProgram('worker', environment));
    await watch.until(async () => {
      const { lines, ingests } = present(await stored());
      return lines === 30_000 && ingests === 1;
    });
    await watch.close();
    expect(provider.requests).toBe(2);
    const lines = await owner.sql(LIVE);
    expect(lines.map((line) => line.line_number)).toEqual(Array.from({ length: 30_000 }, (_, n) => n + 1));
    expect(new Set(lines.map((line) => line.resource_id)).size).toBe(31);
    expect(await stored()).toEqual({ lines: 30_000, ingests: 1, made: 40, told: 40 });
    expect(await owner.data(shown)).toEqual({
      cloudInvoices: { nodes: [{ ingestStatus: 'INGESTED', lineCount: 30_000, linesTotal: { cents: 30_000 } }] },
      costLines: { totalCount: 30_000 },
    });
  }, 120_000);
});
