import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { captureLog } from '../support/capture-log.js';
import { gql, present } from '../support/typed-document.js';
import { type CostsApp, onlyApril, startClock, startCostsApp, startFinance, type TestFinance } from './costs-app.js';

/** NUL and half of a surrogate pair: JSON can write both, Postgres stores neither. */
const UNSTORABLE = 'a\0b\ud800c';
const STORED = 'a\ufffdb\ufffdc';
const REPLACED = 'DigitalOcean sent text that no column can keep; replaced';
const PASSWORD = 'hunter2-of-finance';

const clock = startClock();
const { log, lines } = captureLog();
let finance: TestFinance;
let app: CostsApp;
let invoiceId: string;
beforeAll(async () => {
  finance = await startFinance();
  const url = finance.url.replace('http://', `http://ann:${PASSWORD}@`);
  app = await startCostsApp({ clock: clock.now, log, environment: { SKYAI_FINANCE_URL: url } });
  await onlyApril(app);
});
afterAll(async () => {
  await app.close();
  await finance.close();
});

const latestRun = async () =>
  present(
    (await app.data(gql('{ syncRuns(first: 1) { nodes { scope status seen discovered error } } }'))).syncRuns.nodes[0],
  );
const failWith = (path: string, message: string) =>
  app.sandbox('POST', 'faults', {
    method: 'GET',
    path,
    status: 422,
    body: JSON.stringify({ id: 'unprocessable_entity', message }),
  });
const attempts = (count: number) =>
  app.until(async () => {
    const row = await app.row('select finance_attempts as attempts, finance_lease_until as lease from cloud_invoices');
    return row.attempts === count && row.lease === null;
  });
const pushed = () =>
  app.until(async () => (await app.row('select pushed_ingest_id from cloud_invoices'))['pushed_ingest_id'] !== null);
const invoice = async () =>
  present(
    (
      await app.data(
        gql(`{ cloudInvoices { nodes { id providerId period total { cents currency } tax { cents } linesTotal { cents } issuedAt ingestStatus
  ingestedAt ingestError lineCount matchRate totalDifference difference { cents currency } pushedToFinanceAt financeInvoiceId financeError financeNextAttemptAt } } }`),
      )
    ).cloudInvoices.nodes[0],
  );

describe('text that no column can store', () => {
  it('in one row of the provider fails neither that row nor the others, and is logged', async () => {
    const droplets = Object.values(await app.sandbox('GET', 'state/droplets'));
    await app.sandbox('PUT', 'state/droplets/777', { ...droplets[0], id: 777, name: UNSTORABLE, tags: [UNSTORABLE] });
    await app.sandbox('PUT', 'state/droplets/778', { ...droplets[0], id: 778, name: 'after-it' });
    await app.sync(['droplets']);
    expect(await latestRun()).toEqual({ scope: 'DROPLETS', status: 'COMPLETED', seen: 7, discovered: 2, error: null });
    const { resources } = await app.data(gql('{ resources(filter: { kinds: [DROPLET] }) { nodes { name tags } } }'));
    expect(resources.nodes).toContainEqual({ name: STORED, tags: [STORED] });
    expect(resources.nodes).toContainEqual(expect.objectContaining({ name: 'after-it' }));
    expect(lines.map((line) => JSON.parse(line).msg)).toContain(REPLACED);
    await app.sandbox('DELETE', 'state/droplets/777');
    await app.sandbox('DELETE', 'state/droplets/778');
  });

  it('in the error of a sync run ends the run as failed', async () => {
    await failWith('/v2/volumes', UNSTORABLE);
    await app.sync(['volumes']);
    const run = await latestRun();
    expect(run).toMatchObject({ scope: 'VOLUMES', status: 'FAILED' });
    expect(run.error).toContain(STORED);
    const events = await app.sql(`select message from sync_events where type = 'run_failed'`);
    expect(events).toEqual([{ message: run.error }]);
  });

  it('in the error of an ingest ends the ingest as failed', async () => {
    await failWith('/v2/customers/my/invoices/*', UNSTORABLE);
    await app.data(gql('mutation { discoverCloudInvoices { discovered } }'));
    await app.settled();
    const failed = await invoice();
    expect(failed).toMatchObject({ ingestStatus: 'FAILED', lineCount: 0 });
    expect(failed.ingestError).toContain(STORED);
  });

  it('in a line of the invoice fails neither that line nor the others', async () => {
    finance.answer((response) => response.writeHead(422).end(JSON.stringify({ message: UNSTORABLE })));
    const april = present((await app.sandbox('GET', 'state/billing/invoices'))[0]);
    const [line, ...others] = april.lines;
    const first = present(line);
    await app.sandbox('PUT', 'state/billing/invoices', [
      { ...april, lines: [{ ...first, description: `nul\0 ${first.description}` }, ...others] },
    ]);
    await app.ingestAll();
    const { nodes } = (await app.data(gql('{ costLines(first: 100) { nodes { description } } }'))).costLines;
    expect(nodes).toHaveLength(33);
    expect(nodes[0]?.description).toBe(`nul\ufffd ${first.description}`);
    invoiceId = present((await app.data(gql('{ cloudInvoices { nodes { id } } }'))).cloudInvoices.nodes[0]).id;
    expect(await app.ingested(invoiceId)).toMatchObject({ ingestStatus: 'INGESTED', ingestError: null, lineCount: 33 });
  });

  it('in an answer of finance leaves the push recorded as failed, to be tried again', async () => {
    await attempts(1);
    expect(await invoice()).toMatchObject({
      pushedToFinanceAt: null,
      financeError: expect.stringContaining(STORED),
      financeNextAttemptAt: new Date(clock.now().getTime() + 30_000).toISOString(),
    });
  });
});

describe('an answer of finance past a megabyte', () => {
  it('is not read on; the push is recorded as failed, and tried again', async () => {
    let sent = 0;
    finance.answer((response) => {
      const chunk = Buffer.alloc(100_000, 0x20);
      const write = () => {
        while (sent < 200_000_000 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      write();
    });
    clock.advance(30);
    await app.sweep();
    await attempts(2);
    expect(sent).toBeLessThan(50_000_000);
    expect(await invoice()).toMatchObject({
      pushedToFinanceAt: null,
      financeError: "finance's answer cannot be read: the answer is larger than 1000000 bytes",
    });
    finance.answer((response) => response.writeHead(201).end('{"action":"created","id":"fin-1"}'));
    clock.advance(60);
    await app.sweep();
    await pushed();
    expect(await invoice()).toMatchObject({ financeInvoiceId: 'fin-1', financeError: null });
  });
});

describe('a password in SKYAI_FINANCE_URL', () => {
  it('is sent nowhere, logged nowhere and shown nowhere', async () => {
    finance.answer((response) => response.destroy());
    await app.ingestAnew(invoiceId);
    await attempts(1);
    const shown = await invoice();
    expect(shown.financeError).toMatch(/^finance did not answer: /);
    const ready = await fetch(`${app.url}/api/ready`, { headers: { authorization: `Bearer ${app.operator}` } });
    const metrics = await fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${app.operator}` } });
    const audit = await app.row<{ text: string }>('select json_agg(a)::text as text from audit_entries a');
    const answers = [JSON.stringify(shown), await ready.text(), await metrics.text(), audit.text];
    expect(answers.filter((text) => text.includes(PASSWORD))).toEqual([]);
    expect(lines.some((line) => line.includes('cloud invoice not pushed to finance'))).toBe(true);
    expect(lines.filter((line) => line.includes(PASSWORD))).toEqual([]);
    for (const { authorization } of finance.received) expect(authorization).toMatch(/^Bearer /);
  });
});
