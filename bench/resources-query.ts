// Fifty of 100,000 resources at 50 connections, JWT and limits on, beside node:http and pg that answer the same JSON.
import { pathToFileURL } from 'node:url';
import autocannon from 'autocannon';
import pg from 'pg';
import { signToken } from '../src/commands/token.js';
import { BENCH_SECRET, type BenchProcess, startApi, startProcess } from './processes.js';
import { median, report, say, startBenchDatabase } from './support.js';

const COUNT = 100_000;
const ROUNDS = 3;
const SECONDS = 4;
const FIELDS = 'id kind name status region tags firstSeenAt';
const query = (fields: string) =>
  `query($after: Cursor) { resources(first: 50, after: $after, filter: { kinds: [DROPLET] }) { nodes { ${fields} } } }`;
const token = signToken(BENCH_SECRET, {
  tenantId: 'platform-admin',
  roles: ['platform-admin'],
  subject: 'bench',
  hours: 1,
});
const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };

async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`insert into cloud_projects (provider, provider_id, name, is_default, first_seen_at, last_seen_at)
    select 'digitalocean', 'p' || n, 'project ' || n, false, now(), now() from generate_series(1, 100) n`);
  await client.query(
    `insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, region, tags, attrs, cloud_project_id,
       first_seen_at, last_seen_at)
     select 'digitalocean', case when n % 2 = 0 then 'droplet' else 'snapshot' end, 'x', n::text, 'web-' || n || '.example.com', 'active',
       'syd1', array['customer', 'team-' || n % 50], jsonb_build_object('size_slug', 's-1vcpu-2gb', 'memory', 2048, 'disk', 50),
       (select id from cloud_projects where provider_id = 'p' || (1 + n % 100)), now() - n * interval '1 second', now()
     from generate_series(1, $1::int) n`,
    [COUNT],
  );
  await client.query('vacuum analyze cloud_resources');
  await client.query('vacuum analyze cloud_projects');
  await client.end();
}

async function load(url: string, body: string | null): Promise<{ perSecond: number; p50: number }> {
  const result = await autocannon({
    url,
    method: 'POST',
    connections: 50,
    duration: SECONDS,
    headers,
    ...(body === null ? {} : { body }),
  });
  if (result.errors + result.non2xx > 0) throw new Error(`${url}: ${result.errors} errors, ${result.non2xx} refused`);
  return { perSecond: result.requests.average, p50: result.latency.p50 };
}

async function post(url: string, body: string): Promise<{ data: { resources: { pageInfo: { endCursor: string } } } }> {
  return (await fetch(url, { method: 'POST', headers, body })).json() as never;
}

async function compare(
  name: string,
  api: BenchProcess,
  bare: BenchProcess,
  fields: string,
  path: string,
  atLeast: number,
) {
  const body = JSON.stringify({ query: query(fields) });
  const [ours, theirs] = [await post(`${api.url}/graphql`, body), await post(`${bare.url}${path}`, '')];
  if (JSON.stringify(ours) !== JSON.stringify(theirs)) throw new Error('the two do not answer the same');
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const floor = await load(`${bare.url}${path}`, '');
    const mine = await load(`${api.url}/graphql`, body);
    // The first round warms both up.
    if (round > 0) ratios.push(mine.perSecond / floor.perSecond);
  }
  report(`${name}, requests / bare node:http and pg`, median(ratios), { atLeast });
}

async function deepPage(api: BenchProcess): Promise<void> {
  const page =
    'query($after: Cursor) { resources(first: 200, after: $after, filter: { kinds: [DROPLET] }) { pageInfo { endCursor } } }';
  let after: string | null = null;
  for (let n = 0; n < 200; n++) {
    const { data } = await post(`${api.url}/graphql`, JSON.stringify({ query: page, variables: { after } }));
    after = data.resources.pageInfo.endCursor;
  }
  const at = (cursor: string | null) => JSON.stringify({ query: query(FIELDS), variables: { after: cursor } });
  const ratios: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const first = await load(`${api.url}/graphql`, at(null));
    const deep = await load(`${api.url}/graphql`, at(after));
    if (round > 0) ratios.push(deep.perSecond / first.perSecond);
  }
  report('a page 40,000 rows deep, requests / the first page', median(ratios), { atLeast: 0.9 });
}

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  await fill(database.url);
  const [api, bare] = await Promise.all([
    startApi(database.url),
    startProcess(['bench/bare-resources.ts'], { DATABASE_URL: database.url }),
  ]);
  try {
    say(`     ${COUNT} resources, 50 connections, JWT, rate, depth, alias and cost limits on`);
    await compare('50 resources, flat', api, bare, FIELDS, '/flat', 0.7);
    await compare('50 resources, each with its project', api, bare, `${FIELDS} project { id name }`, '/project', 0.6);
    await deepPage(api);
  } finally {
    await Promise.all([api.stop(), bare.stop()]);
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
