import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { JWT_SECRET, startTestApp } from '../support/app.js';
import { gql, present } from '../support/typed-document.js';
import { type CostsApp, onlyApril, startClock, startCostsApp, startFinance, type TestFinance } from './costs-app.js';

const created = (id: string) => (response: ServerResponse) =>
  response.writeHead(201).end(JSON.stringify({ action: 'created', id }));

describe('finance that is configured', () => {
  const clock = startClock();
  let finance: TestFinance;
  let app: CostsApp;
  let id: string;
  let april: Awaited<ReturnType<typeof onlyApril>>;

  beforeAll(async () => {
    finance = await startFinance();
    app = await startCostsApp({
      clock: clock.now,
      financeTimeoutMs: 250,
      environment: { SKYAI_FINANCE_URL: finance.url },
    });
    april = await onlyApril(app);
  });
  afterAll(async () => {
    await app.close();
    await finance.close();
  });

  const invoice = () => app.ingested(id);
  const attempts = async (count: number) => {
    await app.until(async () => {
      const row = await app.row<{ attempts: number; lease: Date | null }>(
        'select finance_attempts as attempts, finance_lease_until as lease from cloud_invoices',
      );
      return row.attempts === count && row.lease === null;
    });
    return invoice();
  };
  const pushed = async (count: number) => {
    await app.until(
      async () =>
        finance.received.length >= count && (await invoice()).pushedToFinanceAt !== null && (await owed()) === 0,
    );
    return invoice();
  };
  const owed = async () =>
    (
      await app.row<{ count: number }>(
        'select count(*)::int as count from cloud_invoices where pushed_ingest_id is distinct from live_ingest_id',
      )
    ).count;
  const inSeconds = (seconds: number) => new Date(clock.now().getTime() + seconds * 1_000).toISOString();

  it('lets the ingest stand while it is down, refuses, answers nonsense or is slow, and is asked again, each time later', async () => {
    const failures: [(response: ServerResponse) => void, string | RegExp][] = [
      [(response) => response.destroy(), /^finance did not answer: /],
      [
        (response) => response.writeHead(422).end('{"message":"period is closed"}'),
        'finance rejected the invoice: 422 period is closed',
      ],
      [(response) => response.writeHead(200).end('<html>welcome</html>'), "finance's answer cannot be read: body"],
      [() => {}, 'finance did not answer: nothing within 0.25 s'],
    ];
    for (const [index, [reply, error]] of failures.entries()) {
      finance.answer(reply);
      if (index === 0) {
        await app.ingestAll();
        id = present((await app.data(gql('{ cloudInvoices { nodes { id } } }'))).cloudInvoices.nodes[0]).id;
      } else {
        const wait = 30 * 2 ** (index - 1);
        clock.advance(wait - 1);
        await app.sweep();
        expect(finance.received).toHaveLength(index);
        clock.advance(1);
        await app.sweep();
      }
      expect(await attempts(index + 1)).toMatchObject({
        ingestStatus: 'INGESTED',
        ingestError: null,
        lineCount: 33,
        pushedToFinanceAt: null,
        financeInvoiceId: null,
        financeError: typeof error === 'string' ? error : expect.stringMatching(error),
        financeNextAttemptAt: inSeconds(30 * 2 ** index),
      });
      expect(finance.received).toHaveLength(index + 1);
    }
  });

  it('gets it once it is up, once, and its id and the time are kept', async () => {
    finance.answer(created('fin-4711'));
    clock.advance(240);
    await app.sweep();
    expect(await pushed(5)).toMatchObject({
      pushedToFinanceAt: clock.now().toISOString(),
      financeInvoiceId: 'fin-4711',
      financeError: null,
      financeNextAttemptAt: null,
    });
    clock.advance(100_000);
    await app.sweep();
    await app.ingestAll(); // nothing is owed, so nothing happens
    expect(finance.received).toHaveLength(5);
  });

  it('was sent the whole invoice, signed as the platform’s own for five minutes', () => {
    const { authorization, body } = finance.received[4] as TestFinance['received'][number];
    const claims = jwt.verify(authorization.replace('Bearer ', ''), JWT_SECRET, {
      algorithms: ['HS512'],
      ignoreExpiration: true,
    }) as jwt.JwtPayload;
    expect(claims).toMatchObject({ tenant_id: 'platform-admin', roles: ['admin'] });
    expect((claims.exp as number) - (claims.iat as number)).toBe(300);
    const { lines, ...rest } = body;
    expect(rest).toEqual({
      source: 'digitalocean',
      external_id: april.uuid,
      vendor: { name: 'DigitalOcean', category: 'cloud' },
      period: '2026-04',
      issued_date: '2026-05-01',
      currency: 'USD',
      amount_net_minor: 7902,
      amount_tax_minor: 790,
      amount_gross_minor: 8692,
    });
    expect(lines).toHaveLength(33);
    expect(lines[0]).toEqual({
      line_number: 1,
      description: 'holyspiritbraypark.com (s-1vcpu-512mb-10gb)',
      amount_minor: 400,
      is_tax: false,
    });
    expect(lines.filter((line) => line.is_tax)).toEqual([
      { line_number: 33, description: 'GST (10.00%)', amount_minor: 790, is_tax: true },
    ]);
    expect(lines.reduce((sum: number, line) => sum + line.amount_minor, 0)).toBe(8692);
    for (const { body: earlier } of finance.received) expect(earlier).toEqual(body);
  });

  it('gets it again when it is ingested anew, under the same external id', async () => {
    finance.answer((response) => response.writeHead(200).end('{"action":"updated","id":"fin-4711"}'));
    await app.ingestAnew(id);
    expect(await pushed(6)).toMatchObject({
      financeInvoiceId: 'fin-4711',
      pushedToFinanceAt: clock.now().toISOString(),
    });
    expect(finance.received[5]?.body).toEqual(finance.received[4]?.body);
  });

  it('does not get one that states another total than its lines, until they agree', async () => {
    await onlyApril(app, 9000);
    await app.ingestAll();
    await app.sweep();
    expect(await invoice()).toMatchObject({
      total: { cents: 9000 },
      financeInvoiceId: 'fin-4711',
      financeError:
        'Held back until they agree. The invoice states USD 90.00, but its 33 lines come to USD 86.92: USD 3.08 less.',
    });
    expect(finance.received).toHaveLength(6);
    await onlyApril(app, 8692);
    await app.ingestAll();
    expect(await pushed(7)).toMatchObject({ financeError: null });
  });

  it('gets it once though two processes sweep at once', async () => {
    const other = await startCostsApp({
      clock: clock.now,
      synced: false,
      databaseUrl: app.databaseUrl,
      sandboxUrl: app.sandboxUrl,
      environment: { SKYAI_FINANCE_URL: finance.url },
    });
    finance.answer((response) => response.writeHead(503).end());
    await app.ingestAnew(id);
    await attempts(1);
    expect(finance.received).toHaveLength(8);
    finance.answer(created('fin-4711'));
    clock.advance(30);
    await Promise.all([app.sweep(), other.sweep(), app.sweep(), other.sweep()]);
    await pushed(9);
    await other.close();
    expect(finance.received).toHaveLength(9);
  });
});

describe('finance that is not configured', () => {
  it('is silence; once it is, it gets what it has not got', async () => {
    const finance = await startFinance();
    const owner = await startTestApp({ worker: false });
    const place = { clock: startClock().now, databaseUrl: owner.databaseUrl, sandboxUrl: owner.sandboxUrl };
    const app = await startCostsApp(place);
    await onlyApril(app);
    await app.ingestAll();
    await app.sweep();
    const { id } = present((await app.data(gql('{ cloudInvoices { nodes { id } } }'))).cloudInvoices.nodes[0]);
    expect(await app.ingested(id)).toMatchObject({
      ingestStatus: 'INGESTED',
      pushedToFinanceAt: null,
      financeInvoiceId: null,
      financeError: null,
      financeNextAttemptAt: null,
    });
    await app.close();

    const environment = { SKYAI_FINANCE_URL: finance.url };
    const later = await startCostsApp({ ...place, synced: false, environment });
    await later.until(async () => (await later.ingested(id)).pushedToFinanceAt !== null);
    expect(finance.received.map(({ body }) => body.amount_gross_minor)).toEqual([8692]);
    await later.close();
    await owner.close();
    await finance.close();
  });
});
