import { describe, expect, it } from '@jest/globals';
import { ask, get, start } from './running-sandbox.js';

const ZONE = '/v2/domains/sky-ai.com';
const PATH = `${ZONE}/records`;

describe('a zone', () => {
  it('begins with its SOA and three name servers, in the default project', async () => {
    const sandbox = await start();
    const [status, { domain }] = await ask(sandbox, 'POST', '/v2/domains', { name: 'New.Example' });
    expect([status, domain]).toEqual([201, { name: 'new.example', ttl: 1800, zone_file: null }]);
    const { domain_records: records } = await get(sandbox, '/v2/domains/new.example/records');
    expect(records.map((each: any) => [each.type, each.data])).toEqual([
      ['SOA', '1800'],
      ['NS', 'ns1.digitalocean.com'],
      ['NS', 'ns2.digitalocean.com'],
      ['NS', 'ns3.digitalocean.com'],
    ]);
    expect((await get(sandbox, '/v2/domains/new.example')).domain.zone_file.split('\n')).toEqual([
      '$ORIGIN new.example.',
      '$TTL 1800',
      'new.example. IN SOA ns1.digitalocean.com. hostmaster.new.example. 1700000000 10800 3600 604800 1800',
      'new.example. 1800 IN NS ns1.digitalocean.com.',
      'new.example. 1800 IN NS ns2.digitalocean.com.',
      'new.example. 1800 IN NS ns3.digitalocean.com.',
      '',
    ]);
    const { resources } = await get(sandbox, '/v2/projects/default/resources');
    expect(resources.at(-1)).toMatchObject({ urn: 'do:domain:new.example', status: 'ok' });
  });

  it.each([
    [{}, 'Name is not a valid domain name.'],
    [{ name: 'nodots' }, 'Name is not a valid domain name.'],
    [{ name: 'sky-ai.com' }, 'Name already exists'],
    [{ name: 'b.example', ip_address: '1.2.3' }, 'IP address did not match IPv4 format (e.g. 255.255.255.255).'],
  ])('is refused as %j', async (body, message) => {
    const sandbox = await start();
    expect(await ask(sandbox, 'POST', '/v2/domains', body)).toMatchObject([422, { message }]);
    expect((await get(sandbox, '/v2/domains')).meta.total).toBe(7);
  });
});

describe('a record', () => {
  it.each([
    [{ type: 'CNAME', name: 'blog', data: 'host.example' }],
    [{ type: 'MX', name: 'in', data: 'mail.example' }],
    [{ type: 'NS', name: 'sub', data: 'ns.example' }],
    [{ type: 'SRV', name: '_sip._tcp', data: 'sip.example', priority: 1, weight: 2, port: 5060 }],
    [{ type: 'CAA', name: '@', data: 'letsencrypt.org', tag: 'issue', flags: 0 }],
  ])('%j wants a final dot, echoes it once, and is shown without', async (body) => {
    const sandbox = await start();
    expect(await ask(sandbox, 'POST', PATH, body)).toMatchObject([
      422,
      { message: 'Data needs to end with a dot (.)' },
    ]);
    const [status, { domain_record: made }] = await ask(sandbox, 'POST', PATH, { ...body, data: `${body.data}.` });
    expect([status, made.data]).toEqual([201, `${body.data}.`]);
    expect((await get(sandbox, `${PATH}/${made.id}`)).domain_record).toEqual({ ...made, ...body });
    expect(await ask(sandbox, 'PATCH', `${PATH}/${made.id}`, { ttl: 60 })).toMatchObject([422, {}]);
    const again = { ttl: 60, data: `${body.data}.` };
    expect(await ask(sandbox, 'PATCH', `${PATH}/${made.id}`, again)).toMatchObject([
      200,
      { domain_record: { id: made.id, ttl: 60, data: body.data } },
    ]);
  });

  it('is found by its whole name, and by its type', async () => {
    const sandbox = await start();
    const names = async (query: string) =>
      (await get(sandbox, `${PATH}?${query}`)).domain_records.map((each: any) => `${each.type} ${each.name}`);
    expect(await names('name=git.sky-ai.com')).toEqual(['A git']);
    expect(await names('name=git')).toEqual([]);
    expect(await names('name=sky-ai.com&type=A')).toEqual(['A @']);
  });

  it('shares its ttl with those of its type and name', async () => {
    const sandbox = await start();
    await ask(sandbox, 'POST', PATH, { type: 'A', name: 'git', data: '203.0.113.1', ttl: 120 });
    const { domain_records: records } = await get(sandbox, `${PATH}?name=git.sky-ai.com`);
    expect(records.map((each: any) => each.ttl)).toEqual([120, 120]);
  });

  it.each([
    [{ type: 'A', name: 'x', data: '300.1.1.1' }, 'IP address did not match IPv4 format (e.g. 255.255.255.255).'],
    [{ type: 'AAAA', name: 'x', data: '1.2.3.4' }, 'IP address did not match IPv6 format (e.g. 2001:db8::1).'],
    [{ type: 'TXT', name: 'x', data: 'y', ttl: 5 }, 'TTL must be at least 30'],
    [{ type: 'TXT', name: '', data: 'y' }, "Name can't be blank"],
    [{ type: 'TXT', name: 'x' }, "Data can't be blank"],
    [{ type: 'WKS', name: 'x', data: 'y' }, 'Type is not a valid record type.'],
    [{ type: 'SOA', name: '@', data: '1800' }, 'SOA records cannot be created.'],
    [{ type: 'CNAME', name: 'git', data: 'x.example.' }, 'CNAME records cannot share a name with other records'],
    [{ type: 'A', name: 'www', data: '203.0.113.1' }, 'CNAME records cannot share a name with other records'],
  ])('%j is refused, and the zone stays as it was', async (body, message) => {
    const sandbox = await start();
    const before = await get(sandbox, `${PATH}?per_page=200`);
    expect(await ask(sandbox, 'POST', PATH, body)).toMatchObject([422, { message }]);
    expect(await get(sandbox, `${PATH}?per_page=200`)).toEqual(before);
  });

  it('of the zone itself changes its ttl alone, and stays', async () => {
    const sandbox = await start();
    const [soa] = (await get(sandbox, `${PATH}?type=SOA`)).domain_records;
    const changed = await ask(sandbox, 'PATCH', `${PATH}/${soa.id}`, { ttl: 3600, data: 'other', name: 'other' });
    expect(changed).toEqual([200, { domain_record: { ...soa, ttl: 3600 } }]);
    expect((await ask(sandbox, 'DELETE', `${PATH}/${soa.id}`))[0]).toBe(422);
  });
});
