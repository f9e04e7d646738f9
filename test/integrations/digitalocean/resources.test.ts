import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { publicIpv4 } from '../../../src/integrations/digitalocean/droplets.js';
import { aDroplet, clientOf, json, type ProviderServer, startProviderServer } from './provider-server.js';

let provider: ProviderServer;
beforeAll(async () => {
  provider = await startProviderServer();
});
afterAll(() => provider.stop());

/** What was asked: method, path with query, and the JSON that was sent. */
function asked() {
  return provider.received.map(({ method, url, body }) => [`${method} ${url}`, body ? JSON.parse(body) : null]);
}
function client() {
  return clientOf(provider.url, { retry: { attempts: 1 } }).digitalOcean.provisioning;
}

describe('droplets', () => {
  it('are read with text ids, and nothing that we do not use', async () => {
    provider.answer((_request, response) => json(response, { droplet: aDroplet() }));
    const droplet = await client().droplets.get('3164444');
    expect(droplet).toEqual({
      id: '3164444',
      name: 'web-1',
      status: 'active',
      created_at: '2020-07-21T18:37:44Z',
      size_slug: 's-1vcpu-1gb',
      vcpus: 1,
      memory: 1024,
      disk: 25,
      region: { slug: 'syd1' },
      image: { id: '63663980', name: '20.04 (LTS) x64', slug: 'ubuntu-20-04-x64', distribution: 'Ubuntu' },
      networks: {
        v4: [
          { ip_address: '10.128.192.124', type: 'private' },
          { ip_address: '192.241.165.154', type: 'public' },
        ],
        v6: [],
      },
      features: ['backups'],
      tags: ['web'],
      volume_ids: [],
      snapshot_ids: ['67512819'],
      backup_ids: ['53893572'],
      vpc_uuid: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
    });
    expect(publicIpv4(droplet)).toBe('192.241.165.154');
  });

  it('that a narrow token sees half blank are read all the same', async () => {
    const blank = { image: null, tags: null, volume_ids: undefined, snapshot_ids: undefined, vpc_uuid: undefined };
    provider.answer((_request, response) => json(response, { droplet: aDroplet({ ...blank, networks: {} }) }));
    const droplet = await client().droplets.get('1');
    expect(droplet).toMatchObject({ image: null, tags: [], volume_ids: [], snapshot_ids: [], vpc_uuid: null });
    expect(publicIpv4(droplet)).toBeNull();
  });

  it('are created by one POST, which tells the action that makes them', async () => {
    const actions = [{ id: 7515, rel: 'create', href: 'https://api.digitalocean.com/v2/actions/7515' }];
    provider.answer((_request, response) => json(response, { droplet: aDroplet(), links: { actions } }, 202));
    const spec = { name: 'web-1', region: 'syd1', size: 's-1vcpu-1gb', image: '63663980', tags: ['a', 'b'] };
    const created = await client().droplets.create({ ...spec, sshKeys: ['289794', '3b:16:e4'], monitoring: true });
    expect([created.id, created.createActionId]).toEqual(['3164444', '7515']);
    const body = { ...spec, image: 63663980, ssh_keys: [289794, '3b:16:e4'], monitoring: true };
    expect(asked()).toEqual([['POST /v2/droplets', body]]);
  });

  it('are found by tag on every page, once each', async () => {
    provider.answer((_request, response, earlier) =>
      json(response, {
        droplets: [aDroplet({ id: 1, tags: ['Saga:1', 'x'] }), aDroplet({ id: 2 + earlier, tags: ['saga:1'] })],
        links: earlier === 0 ? { pages: { next: '/v2/droplets?page=2' } } : {},
        meta: { total: 3 },
      }),
    );
    const found = await client().droplets.findByTag('saga:1');
    expect(found.map((droplet) => droplet.id)).toEqual(['1', '2', '3']);
    expect(asked()[0]).toEqual(['GET /v2/droplets?per_page=200&tag_name=saga%3A1', null]);
  });

  it('that do not show the tag they were asked for are never handed out', async () => {
    for (const tags of [['other'], [], null]) {
      provider.answer((_request, response) => json(response, { droplets: [aDroplet({ tags })], meta: { total: 1 } }));
      await expect(client().droplets.findByTag('saga')).rejects.toThrow(
        "DigitalOcean's answer to GET /v2/droplets cannot be read: droplets.tags: droplet 3164444 does not show the tag saga",
      );
    }
  });

  it('are never asked for by an empty tag or id', async () => {
    provider.answer((_request, response) => json(response, {}));
    await expect(client().droplets.findByTag('')).rejects.toThrow(RangeError);
    for (const id of ['', '.', '..']) {
      await expect(client().droplets.destroy(id)).rejects.toThrow(`"${id}" is no path segment`);
      await expect(client().droplets.get(id)).rejects.toThrow(RangeError);
    }
    expect(provider.received).toEqual([]);
  });

  it('whose id holds a slash or a question mark stay one segment', async () => {
    provider.answer((_request, response) => response.writeHead(404).end());
    await client().droplets.destroy('1/actions?tag_name=x');
    expect(asked()).toEqual([['DELETE /v2/droplets/1%2Factions%3Ftag_name%3Dx', null]]);
  });

  it('are gone after a destroy that found none, but not after one that was refused', async () => {
    provider.answer((_request, response) => json(response, { id: 'not_found', message: 'gone' }, 404));
    await client().droplets.destroy('1');
    provider.answer((_request, response) => response.writeHead(204).end());
    await client().droplets.destroy('1');
    provider.answer((_request, response) =>
      json(response, { id: 'unprocessable_entity', message: 'Droplet already has a pending event.' }, 422),
    );
    await expect(client().droplets.destroy('1')).rejects.toMatchObject({ failure: { status: 422, retryable: true } });
  });

  it('that are GPU droplets have a listing of their own', async () => {
    provider.answer((_request, response) => json(response, { droplets: [], meta: { total: 0 } }));
    for await (const page of client().droplets.pages({ type: 'gpus' })) expect(page.items).toEqual([]);
    expect(asked()).toEqual([['GET /v2/droplets?per_page=200&type=gpus', null]]);
  });
});

describe('domain records', () => {
  const shown = { id: 1, type: 'CNAME', name: 'www', data: 'web.example.com', ttl: 1800, priority: null, port: null };

  it('are found by the full name and their type, and shown in one form', async () => {
    provider.answer((_request, response) =>
      json(response, {
        domain_records: [shown, { ...shown, id: 2, name: 'other' }, { ...shown, id: 3, type: 'A' }],
        meta: { total: 3 },
      }),
    );
    const found = await client().domains.records.find('sky-ai.com.', { type: 'CNAME', name: 'www' });
    expect(found).toEqual([
      {
        id: '1',
        type: 'CNAME',
        name: 'www',
        data: 'web.example.com',
        ttl: 1800,
        priority: null,
        port: null,
        weight: null,
        flags: null,
        tag: null,
      },
    ]);
    expect(asked()).toEqual([['GET /v2/domains/sky-ai.com/records?per_page=200&type=CNAME&name=www.sky-ai.com', null]]);
  });

  it('are created and updated with a relative name and dotted data, and read back without the dot', async () => {
    provider.answer((_request, response) =>
      json(response, { domain_record: { ...shown, data: 'web.example.com.' } }, 201),
    );
    const record = { type: 'CNAME', name: 'www.sky-ai.com', data: 'web.example.com', ttl: null, priority: 0 };
    expect((await client().domains.records.create('sky-ai.com', record)).data).toBe('web.example.com');
    expect((await client().domains.records.update('sky-ai.com', '1', { ...record, ttl: 60 })).data).toBe(
      'web.example.com',
    );
    const sent = { type: 'CNAME', name: 'www', data: 'web.example.com.', priority: 0 };
    expect(asked()).toEqual([
      ['POST /v2/domains/sky-ai.com/records', sent],
      ['PUT /v2/domains/sky-ai.com/records/1', { ...sent, ttl: 60 }],
    ]);
  });

  it('that are gone are deleted', async () => {
    provider.answer((_request, response) => json(response, {}, 404));
    await client().domains.records.delete('sky-ai.com', '1');
    expect(asked()).toEqual([['DELETE /v2/domains/sky-ai.com/records/1', null]]);
  });
});

describe('tags', () => {
  const members = { resources: [{ resource_id: '1', resource_type: 'droplet' }] };

  it('are made where they are missing', async () => {
    provider.answer((_request, response, earlier) =>
      earlier === 0
        ? json(response, { id: 'not_found' }, 404)
        : response.writeHead(earlier === 1 ? 201 : 204).end('{}'),
    );
    await client().tags.tagDroplet('1', 'a:b');
    expect(asked()).toEqual([
      ['POST /v2/tags/a%3Ab/resources', members],
      ['POST /v2/tags', { name: 'a:b' }],
      ['POST /v2/tags/a%3Ab/resources', members],
    ]);
  });

  it('are attached by one request where they exist, again after a 503', async () => {
    provider.answer((_request, response, earlier) => response.writeHead(earlier === 0 ? 503 : 204).end());
    await clientOf(provider.url).digitalOcean.provisioning.tags.tagDroplet('1', 'a');
    expect(asked()).toEqual([
      ['POST /v2/tags/a/resources', members],
      ['POST /v2/tags/a/resources', members],
    ]);
  });

  it('that are gone are taken off', async () => {
    provider.answer((_request, response) => json(response, {}, 404));
    await client().tags.untagDroplet('1', 'a');
    expect(asked()).toEqual([['DELETE /v2/tags/a/resources', members]]);
  });
});

describe('other answers', () => {
  it('ids are text whether they come as text or as a number', async () => {
    const image = {
      name: 's',
      created_at: '2026-04-01T00:00:00Z',
      regions: ['syd1'],
      min_disk_size: 25,
      size_gigabytes: 2.34,
    };
    provider.answer((request, response) =>
      request.url.startsWith('/v2/snapshots')
        ? json(response, {
            snapshots: [{ ...image, id: '67', resource_id: '3', resource_type: 'droplet', tags: null }],
          })
        : json(response, { snapshots: [{ ...image, id: 67, type: 'snapshot' }] }),
    );
    for await (const { items } of client().snapshots.pages()) {
      expect(items).toEqual([{ ...image, id: '67', resource_id: '3', resource_type: 'droplet', tags: [] }]);
    }
    for await (const { items } of client().droplets.snapshots('3')) {
      expect(items).toEqual([{ ...image, id: '67', type: 'snapshot' }]);
    }
  });

  it('amounts stay text, and what is no amount is refused', async () => {
    const balance = {
      month_to_date_balance: '23.44',
      account_balance: '-12.23',
      month_to_date_usage: '11.21',
      generated_at: '2026-05-01T00:00:00Z',
    };
    provider.answer((_request, response) => json(response, balance));
    expect(await client().balance.get()).toEqual(balance);
    for (const amount of ['$1.00', '', '1,000.00', 1.5, null]) {
      provider.answer((_request, response) => json(response, { ...balance, account_balance: amount }));
      await expect(client().balance.get()).rejects.toThrow('my/balance cannot be read: account_balance: ');
    }
  });

  it('only an invoice in the billing history has ids', async () => {
    const entry = { date: '2026-05-01T00:00:00Z', description: 'Payment (MC 2018)', amount: '-86.92', type: 'Payment' };
    provider.answer((_request, response) => json(response, { billing_history: [entry] }));
    for await (const { items, total } of client().billingHistory.pages()) {
      expect(items).toEqual([{ ...entry, invoice_id: null, invoice_uuid: null }]);
      expect(total).toBeNull();
    }
    expect(asked()).toEqual([['GET /v2/customers/my/billing_history', null]]);
  });

  it('members of a project are assigned by URN, and the request is repeated where its answer was lost', async () => {
    const member = { urn: 'do:droplet:1', assigned_at: '2022-03-03T22:06:30.0352Z', links: { self: 'https://x' } };
    provider.answer((_request, response, earlier) =>
      earlier === 0 ? response.destroy() : json(response, { resources: [{ ...member, status: 'assigned' }] }),
    );
    const { digitalOcean } = clientOf(provider.url);
    expect(await digitalOcean.sync.projects.assign('p-1', ['do:droplet:1'])).toEqual([
      { ...member, status: 'assigned' },
    ]);
    const call = ['POST /v2/projects/p-1/resources', { resources: ['do:droplet:1'] }];
    expect(asked()).toEqual([call, call]);
  });
});
