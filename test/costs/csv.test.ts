import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gql, present } from '../support/typed-document.js';
import { type CostsApp, onlyApril, startClock, startCostsApp } from './costs-app.js';

const clock = startClock();
let app: CostsApp;
let id: string;
let april: any;

beforeAll(async () => {
  app = await startCostsApp({ clock: clock.now });
  april = await onlyApril(app);
  await app.ingestAll();
  id = present((await app.data(gql('{ cloudInvoices { nodes { id } } }'))).cloudInvoices.nodes[0]).id;
});
afterAll(() => app.close());

const HEADER = 'product,group_description,description,hours,start,end,USD,project_name,category';
const MONTH = '2026-04-01 00:00:00 +0000,2026-05-01 00:00:00 +0000';
const GOOD = `Droplets,,mail.sky-ai.com (s-1vcpu-1gb),720,${MONTH},$6.00,sky-ai,iaas`;

/** The provider's next answer for the invoice's CSV, instead of the true one. */
const serve = (fault: object) =>
  app.sandbox('POST', 'faults', {
    method: 'GET',
    path: `/v2/customers/my/invoices/${april.uuid}/csv`,
    times: 1,
    ...fault,
  });
const LINES =
  gql(`query($id: ID!) { cloudInvoice(id: $id) { lines(first: 100) { totalCount nodes { id lineNumber product
  groupDescription description kind hours startsAt endsAt amount { cents } projectName category matchStatus matchReason
  resource { name } } } } }`);
const linesNow = async () => present((await app.data(LINES, { id })).cloudInvoice).lines;

describe('a CSV that is unusual', () => {
  it('is read by its columns’ names: in another order, with spaces, a BOM, CRLF, quoted commas, unknown columns', async () => {
    await serve({
      body: [
        '\uFEFFUSD,Project Name,end,start,hours,description,group description,product,resource id',
        '$6.00,sky-ai,2026-05-01 00:00:00 +0000,2026-04-01 00:00:00 +0000,720,mail.sky-ai.com (s-1vcpu-1gb),,Droplets,7',
        '"$1,234.56","a ""quoted"", name",2026-04-30 23:59:59 +0000,2026-04-01 02:00:00 +0200,0.25,"parish, bulletin (old) (s-1)",,Droplets,',
        '',
      ].join('\r\n'),
    });
    expect(await app.ingestAnew(id)).toMatchObject({
      ingestStatus: 'INGESTED',
      lineCount: 2,
      linesTotal: { cents: 124056 },
    });
    expect((await linesNow()).nodes).toEqual([
      {
        id: `${id}:1`,
        lineNumber: 1,
        product: 'Droplets',
        groupDescription: null,
        description: 'mail.sky-ai.com (s-1vcpu-1gb)',
        kind: 'DROPLET',
        hours: '720',
        startsAt: '2026-04-01T00:00:00.000Z',
        endsAt: '2026-05-01T00:00:00.000Z',
        amount: { cents: 600 },
        projectName: 'sky-ai',
        category: null,
        matchStatus: 'MATCHED',
        matchReason: 'The droplet "mail.sky-ai.com" bears the billed name.',
        resource: { name: 'mail.sky-ai.com' },
      },
      {
        id: `${id}:2`,
        lineNumber: 2,
        product: 'Droplets',
        groupDescription: null,
        description: 'parish, bulletin (old) (s-1)',
        kind: 'DROPLET',
        hours: '0.25',
        startsAt: '2026-04-01T00:00:00.000Z',
        endsAt: '2026-04-30T23:59:59.000Z',
        amount: { cents: 123456 },
        projectName: 'a "quoted", name',
        category: null,
        matchStatus: 'HISTORIC',
        matchReason:
          'No droplet "parish, bulletin (old)" or nearly so was ever listed; it is known from invoices alone.',
        resource: { name: 'parish, bulletin (old)' },
      },
    ]);
  });

  it('may hold credits, lines of nothing, products that nobody knows, and what COPY has its own meaning for', async () => {
    await serve({
      body: [
        HEADER,
        `Credits,,Credits,,${MONTH},-$61.08,,`,
        `Droplets,,git.sky-ai.com (s-1vcpu-1gb),0,${MONTH},$0.00,,iaas`,
        `Quantum Computer,,qubit-1,1,${MONTH},$12.3,,iaas`,
        `Droplets,,"back\\slash\t\\N and\nnewline (s-1)",,,,$1.00,\\.,`,
        `Taxes,,GST (10.00%),,${MONTH},$-0.10,,iaas`,
        '',
      ].join('\n'),
    });
    expect(await app.ingestAnew(id)).toMatchObject({
      ingestStatus: 'INGESTED',
      lineCount: 5,
      linesTotal: { cents: -4788 },
      tax: { cents: -10 },
      totalDifference: 'The invoice states USD 86.92, but its 5 lines come to USD -47.88: USD 134.80 less.',
    });
    const { nodes } = await linesNow();
    expect(nodes.map((line) => [line.description, line.amount.cents, line.matchStatus, line.projectName])).toEqual([
      ['Credits', -6108, 'ACCOUNT_LEVEL', null],
      ['git.sky-ai.com (s-1vcpu-1gb)', 0, 'MATCHED', null],
      ['qubit-1', 1230, 'UNMATCHED', null],
      ['back\\slash\t\\N and\nnewline (s-1)', 100, 'HISTORIC', '\\.'],
      ['GST (10.00%)', -10, 'TAX', null],
    ]);
    expect(present(nodes[2]).matchReason).toBe(
      'Nothing tells what "Quantum Computer" bills; look for the line in the provider\'s control panel.',
    );
  });

  it('has as many lines as it has: none but the header is an invoice of nothing', async () => {
    await serve({ body: `${HEADER}\n` });
    expect(await app.ingestAnew(id)).toMatchObject({
      ingestStatus: 'INGESTED',
      lineCount: 0,
      matchRate: null,
      linesTotal: { cents: 0 },
      totalDifference: 'The invoice states USD 86.92, but its 0 lines come to USD 0.00: USD 86.92 less.',
    });
  });
});

describe('a CSV that is wrong is refused with its line and what is wrong, and the lines that were there stay', () => {
  let before: any;
  let resources: any;
  beforeAll(async () => {
    await app.ingestAnew(id);
    before = await linesNow();
    resources = await app.sql('select count(*) from cloud_resources');
    expect(before.totalCount).toBe(33);
  });

  const strange = 'Droplets,,never-seen-before (s-1),1';
  const rejected: [string, string, string][] = [
    [
      'an amount that is none',
      `${HEADER}\n${GOOD}\n${strange},${MONTH},six,,\n`,
      'Line 2 (row 3 of the CSV): USD: "six" is not an amount of dollars.',
    ],
    [
      'an empty amount',
      `${HEADER}\n${strange},${MONTH},,,\n`,
      'Line 1 (row 2 of the CSV): USD: "" is not an amount of dollars.',
    ],
    [
      'part of a cent',
      `${HEADER}\n${GOOD}\n${GOOD}\n${strange},${MONTH},$0.125,,\n`,
      'Line 3 (row 4 of the CSV): USD: "$0.125" is finer than a cent.',
    ],
    [
      'a day that does not exist',
      `${HEADER}\n${strange},2026-02-30 00:00:00 +0000,2026-05-01 00:00:00 +0000,$1.00,,\n`,
      'Line 1 (row 2 of the CSV): start: there is no time "2026-02-30 00:00:00 +0000".',
    ],
    [
      'a time in another form',
      `${HEADER}\n${strange},2026-04-01 00:00:00 +0000,01/05/2026,$1.00,,\n`,
      'Line 1 (row 2 of the CSV): end: "01/05/2026" is not a time as 2026-04-01 00:00:00 +0000.',
    ],
    [
      'hours that are no number',
      `${HEADER}\n${GOOD.replace('720', 'many')}\n`,
      'Line 1 (row 2 of the CSV): hours: "many" is not a number.',
    ],
    [
      'a row that is cut off',
      `${HEADER}\n${GOOD}\nDroplets,,never-seen`,
      'Line 2 (row 3 of the CSV): it has 3 cells where the header has 9.',
    ],
    [
      'a row with a comma too many',
      `${HEADER}\n${GOOD},\n`,
      'Line 1 (row 2 of the CSV): it has 10 cells where the header has 9.',
    ],
    [
      'a column that is missing',
      `${HEADER.replace('USD,', '')}\n`,
      'Row 1 of the CSV: the header lacks the column USD.',
    ],
    ['a column that is there twice', `${HEADER},usd\n`, 'Row 1 of the CSV: the header has the column USD twice.'],
    [
      'a web page',
      '<html><body>Bad gateway</body></html>',
      'Row 1 of the CSV: the header lacks the columns product, description, start, end, USD.',
    ],
    ['nothing at all', '', 'The CSV is empty: it has not even a header.'],
  ];
  it.each(rejected)('%s', async (_what, body, ingestError) => {
    await serve({ status: 200, body });
    expect(await app.ingestAnew(id)).toMatchObject({
      ingestStatus: 'FAILED',
      ingestError,
      lineCount: 33,
      linesTotal: { cents: 8692 },
      totalDifference: null,
    });
    expect(await linesNow()).toEqual(before);
    expect(await app.sql('select count(*) from cloud_resources')).toEqual(resources);
    expect(await app.sql('select count(*)::int as count from cloud_cost_lines')).toEqual([{ count: 33 }]);
  });

  it('a quote that is never closed', async () => {
    await serve({ body: `${HEADER}\n${GOOD}\n"Droplets,,x (s-1),1,${MONTH},$1.00,,\n${GOOD}\n` });
    expect(await app.ingestAnew(id)).toMatchObject({
      ingestStatus: 'FAILED',
      ingestError: 'The CSV is malformed: Quote Not Closed: the parsing is finished with an opening quote at line 4.',
    });
    expect(await linesNow()).toEqual(before);
  });

  it('a cell without an end is not read into memory whole', async () => {
    await serve({ body: `${HEADER}\n"${'x'.repeat(3_000_000)}` });
    const { ingestStatus, ingestError } = await app.ingestAnew(id);
    expect([ingestStatus, ingestError]).toEqual([
      'FAILED',
      expect.stringMatching(/^The CSV is malformed: Max Record Size/),
    ]);
    expect(await linesNow()).toEqual(before);
  });

  it('is not tried again by itself; the next billing history does, and then it is as it should be', async () => {
    await serve({ body: 'nonsense' });
    expect(await app.ingestAnew(id)).toMatchObject({ ingestStatus: 'FAILED' });
    clock.advance(100_000);
    await app.sweep();
    expect(await app.ingested(id)).toMatchObject({ ingestStatus: 'FAILED' });
    const { discoverCloudInvoices } = await app.data(gql('mutation { discoverCloudInvoices { discovered queued } }'));
    expect(discoverCloudInvoices).toEqual({ discovered: 0, queued: 1 });
    expect(await app.ingested(id)).toMatchObject({ ingestStatus: 'INGESTED', ingestError: null, lineCount: 33 });
    expect(await linesNow()).toEqual(before);
  });
});

describe('a provider that fails', () => {
  it('with what will not pass is told as it is', async () => {
    await serve({ status: 403 });
    expect(await app.ingestAnew(id)).toMatchObject({
      ingestStatus: 'FAILED',
      ingestError: expect.stringMatching(
        /^DigitalOcean rejected GET \/v2\/customers\/my\/invoices\/[0-9a-f-]+\/csv: 403 forbidden/,
      ),
      lineCount: 33,
    });
  });

  it('with what passes is asked again by itself, no sooner than it wants', async () => {
    await serve({ status: 503, retryAfter: 120 });
    const failed = await app.ingestAnew(id);
    expect(failed).toMatchObject({
      ingestStatus: 'FAILED',
      ingestError: expect.stringContaining('503'),
      lineCount: 33,
    });
    clock.advance(119);
    await app.sweep();
    expect(await app.ingested(id)).toMatchObject({ ingestStatus: 'FAILED' });
    clock.advance(1);
    await app.sweep();
    await app.until(async () => (await app.ingested(id)).ingestStatus === 'INGESTED');
    expect(await app.ingested(id)).toMatchObject({ ingestError: null, lineCount: 33 });
  });
});

describe('a stated total', () => {
  it('that differs from the lines says so, until the provider states it rightly', async () => {
    await onlyApril(app, 8693);
    expect(
      (await app.data(gql('mutation { discoverCloudInvoices { discovered queued } }'))).discoverCloudInvoices,
    ).toEqual({
      discovered: 0,
      queued: 1,
    });
    expect(await app.ingested(id)).toMatchObject({
      ingestStatus: 'INGESTED',
      total: { cents: 8693 },
      linesTotal: { cents: 8692 },
      totalDifference: 'The invoice states USD 86.93, but its 33 lines come to USD 86.92: USD 0.01 less.',
      difference: { cents: 1, currency: 'USD' },
      financeError: null,
    });
    await onlyApril(app, 8692);
    await app.ingestAll();
    expect(await app.ingested(id)).toMatchObject({
      total: { cents: 8692 },
      totalDifference: null,
      difference: { cents: 0 },
    });
  });
});
