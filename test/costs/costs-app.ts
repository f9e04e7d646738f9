import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { recoverCosts } from '../../src/services/costs/recover-costs.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { type DataOf, gql, present } from '../support/typed-document.js';

/** What lists the kinds that lines name. */
export const BILLED_SCOPES = [
  'projects',
  'droplets',
  'volumes',
  'snapshots',
  'floating_ips',
  'load_balancers',
] as const;

export interface Watch {
  /** Resolves once the condition holds; it is looked at whenever one of the tables was written to. */
  until(condition: () => Promise<boolean>): Promise<void>;
  close(): Promise<void>;
}

/** Has Postgres tell of every write to the tables of costs, whichever process it is by. */
export async function watchCosts(databaseUrl: string): Promise<Watch> {
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {}); // the database is dropped before the watch closes
  await client.connect();
  await client.query(`
    create or replace function tell_costs() returns trigger language plpgsql as $$ begin notify costs_written; return null; end $$;
    ${['cloud_invoices', 'cloud_invoice_ingests', 'cloud_cost_lines', 'cloud_balance_snapshots', 'receivable_pushes']
      .map(
        (table) => `create or replace trigger tell_costs after insert or update or delete on ${table}
          for each statement execute function tell_costs();`,
      )
      .join('\n')}
    listen costs_written`);
  const waiting = new Set<() => void>();
  client.on('notification', () => {
    for (const told of waiting) told();
    waiting.clear();
  });
  return {
    async until(condition) {
      for (;;) {
        const written = new Promise<void>((resolve) => {
          waiting.add(resolve);
        });
        if (await condition()) return;
        await written;
      }
    },
    close: () => client.end(),
  };
}

/** A clock that stands until it is moved. */
export interface TestClock {
  readonly now: () => Date;
  advance(seconds: number): void;
}

export function startClock(at = '2026-05-02T00:00:00.000Z'): TestClock {
  let ms = Date.parse(at);
  return {
    now: () => new Date(ms),
    advance(seconds) {
      ms += seconds * 1_000;
    },
  };
}

export type CloudInvoice = NonNullable<DataOf<typeof INVOICE>['cloudInvoice']>;

export interface CostsApp extends TestApp, Pick<Watch, 'until'> {
  /** Resolves once no ingest is owed or at work. */
  settled(): Promise<void>;
  /** Resolves once this invoice's ingest has ended; answers the invoice. */
  ingested(id: string): Promise<CloudInvoice>;
  /** Discovers the whole history and waits for its ingests. */
  ingestAll(): Promise<void>;
  /** Ingests this invoice anew and waits for its end; answers the invoice. */
  ingestAnew(id: string): Promise<CloudInvoice>;
  /** Has the sweep look for what is unfinished, as the schedule does. */
  sweep(): Promise<void>;
}

const INVOICE =
  gql(`query($id: ID!) { cloudInvoice(id: $id) { id providerId period total { cents currency } tax { cents } linesTotal { cents } issuedAt ingestStatus
  ingestedAt ingestError lineCount matchRate totalDifference difference { cents currency } pushedToFinanceAt financeInvoiceId financeError financeNextAttemptAt } }`);
export const INGEST =
  gql(`mutation($id: ID!) { ingestCloudInvoice(id: $id) { invoice { id providerId period total { cents currency } tax { cents } linesTotal { cents } issuedAt ingestStatus
  ingestedAt ingestError lineCount matchRate totalDifference difference { cents currency } pushedToFinanceAt financeInvoiceId financeError financeNextAttemptAt } } }`);

/** The whole program with the golden account synced, so that invoices may be ingested. */
export async function startCostsApp(options: TestAppOptions & { readonly synced?: boolean } = {}): Promise<CostsApp> {
  const app = await startTestApp(options);
  const watch = await watchCosts(app.databaseUrl);
  if (options.synced ?? true) await app.sync(BILLED_SCOPES);
  const settled = () =>
    watch.until(async () => {
      const row = await app.row(
        `select count(*)::int as open from cloud_invoices where ingest_status in ('discovered', 'ingesting')`,
      );
      const dropped = await app.row(`select count(*)::int as open from cloud_invoice_ingests where state <> 'live'`);
      return row.open === 0 && dropped.open === 0;
    });
  const ingested = async (id: string) => {
    await settled();
    return present((await app.data(INVOICE, { id })).cloudInvoice);
  };
  return {
    ...app,
    until: watch.until,
    settled,
    ingested,
    async ingestAnew(id) {
      await app.data(INGEST, { id });
      return ingested(id);
    },
    sweep: () => recoverCosts(app.app),
    async ingestAll() {
      await app.data(gql('mutation { discoverCloudInvoices { discovered queued } }'));
      await settled();
    },
    async close() {
      await watch.close();
      await app.close();
    },
  };
}

/** Leaves the sandbox the April invoice alone, stated as it is or otherwise. Answers it. */
export async function onlyApril(app: TestApp, totalCents?: number) {
  const invoices = await app.sandbox('GET', 'state/billing/invoices');
  const april = present(invoices.find((invoice) => invoice.period === '2026-04'));
  const history = await app.sandbox('GET', 'state/billing/history');
  const kept = { ...april, ...(totalCents === undefined ? {} : { totalCents }) };
  await app.sandbox('PUT', 'state/billing/invoices', [kept]);
  await app.sandbox(
    'PUT',
    'state/billing/history',
    history.filter((entry) => entry.invoice_uuid === april.uuid),
  );
  return kept;
}

/** An invoice as finance receives it. */
export interface FinanceInvoice {
  readonly external_id: string;
  readonly amount_gross_minor: number;
  readonly status: string;
  readonly lines: readonly { readonly amount_minor: number; readonly is_tax: boolean }[];
}

/** Finance as a server of its own: it keeps what it is sent and answers as it is told. */
export interface TestFinance {
  readonly url: string;
  readonly received: { readonly authorization: string; readonly body: FinanceInvoice }[];
  answer(reply: (response: ServerResponse, body: FinanceInvoice) => void): void;
  close(): Promise<void>;
}

export async function startFinance(): Promise<TestFinance> {
  const received: { authorization: string; body: FinanceInvoice }[] = [];
  let reply: (response: ServerResponse, body: FinanceInvoice) => void = (response, body) =>
    response.writeHead(201).end(JSON.stringify({ action: 'created', id: `fin-${body.external_id}` }));
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString());
    received.push({ authorization: request.headers.authorization ?? '', body });
    reply(response, body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer(next) {
      reply = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
