import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { routes } from '../../src/sandbox/endpoints/all.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.js';
import { hasOpenApi, readOpenApi } from '../support/openapi.js';

const suite = hasOpenApi ? describe : describe.skip;

suite('every answer of the sandbox is as the official document says, where that is at hand', () => {
  const openApi = hasOpenApi ? readOpenApi() : (null as never);
  const walked = new Set<string>();
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ timeScale: 0, rateLimit: null });
  });
  afterAll(() => sandbox.close());

  /** Sends, validates what came back, and answers its body. */
  async function call(expected: number, method: string, path: string, body?: unknown): Promise<any> {
    const response = await fetch(`${sandbox.url}${path}`, {
      method,
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer =
      text === '' ? undefined : response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
    const { pathname } = new URL(path, sandbox.url);
    expect({ method, path, status: response.status, answer: response.status === expected ? '' : answer }).toEqual({
      method,
      path,
      status: expected,
      answer: '',
    });
    walked.add(`${method} ${openApi.template(method, pathname)}`);
    if (typeof answer !== 'string') {
      expect({ method, path, problems: openApi.validateResponse(method, pathname, response.status, answer) }).toEqual({
        method,
        path,
        problems: [],
      });
    }
    for (const header of ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset', 'x-request-id']) {
      expect(response.headers.get(header)).toBeTruthy();
    }
    return answer;
  }

  it('and what is not as it says is found', () => {
    expect(
      openApi.validateResponse('GET', '/v2/droplets', 200, { droplets: [{ id: 'x' }], meta: { total: 1 } }),
    ).not.toEqual([]);
    expect(openApi.validateResponse('GET', '/v2/domains', 200, { domains: [{ name: 1 }], meta: {} })).not.toEqual([]);
    expect(openApi.validateResponse('GET', '/v2/droplets/1', 404, { id: 404 })).not.toEqual([]);
  });

  it('of the catalog and the account', async () => {
    for (const path of ['account', 'sizes', 'regions', 'images'])
      await call(200, 'GET', path === 'account' ? '/v2/account' : `/v2/${path}?per_page=200`);
    await call(200, 'GET', '/v2/images?private=true');
    await call(200, 'GET', '/v2/images/147000001');
    await call(404, 'GET', '/v2/images/1');
  });

  it('of droplets, their actions and their images', async () => {
    const { droplets } = await call(200, 'GET', '/v2/droplets?per_page=2');
    expect(droplets).toHaveLength(2);
    await call(200, 'GET', '/v2/droplets?page=2&per_page=2');
    await call(200, 'GET', '/v2/droplets?type=gpus');
    const spec = { name: 'web-1', region: 'syd1', size: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', tags: ['a:b'] };
    const { droplet, links } = await call(202, 'POST', '/v2/droplets', spec);
    await call(202, 'POST', '/v2/droplets', { ...spec, name: undefined, names: ['web-2', 'web-3'] });
    await call(200, 'GET', `/v2/droplets/${droplet.id}`);
    await call(200, 'GET', '/v2/droplets?tag_name=a:b');
    await call(200, 'GET', `/v2/actions/${links.actions[0].id}`);
    const act = (body: object) => call(201, 'POST', `/v2/droplets/${droplet.id}/actions`, body);
    const { action } = await act({ type: 'snapshot', name: 'before' });
    await call(200, 'GET', `/v2/droplets/${droplet.id}/actions/${action.id}`);
    await act({ type: 'power_off' });
    await act({ type: 'resize', size: 's-1vcpu-2gb', disk: false });
    await act({ type: 'power_on' });
    await act({ type: 'rename', name: 'web-one' });
    await act({ type: 'enable_backups' });
    await call(422, 'POST', `/v2/droplets/${droplet.id}/actions`, { type: 'power_on' });
    await call(200, 'GET', `/v2/droplets/${droplet.id}/actions`);
    await call(200, 'GET', '/v2/actions?per_page=1');
    const { snapshots } = await call(200, 'GET', `/v2/droplets/${droplet.id}/snapshots`);
    expect(snapshots).toMatchObject([{ name: 'before', type: 'snapshot' }]);
    await call(200, 'GET', '/v2/droplets/231908303/backups');
    await call(204, 'DELETE', `/v2/droplets/${droplet.id}`);
    await call(404, 'DELETE', `/v2/droplets/${droplet.id}`);
    await call(404, 'GET', `/v2/droplets/${droplet.id}`);
    await call(201, 'POST', '/v2/droplets/actions?tag_name=a:b', { type: 'reboot' });
    await call(204, 'DELETE', '/v2/droplets?tag_name=a:b');
    await call(400, 'POST', '/v2/droplets', []);
    await call(422, 'POST', '/v2/droplets', { ...spec, size: 'huge' });
  });

  it('of snapshots and volumes', async () => {
    const { snapshots } = await call(200, 'GET', '/v2/snapshots?resource_type=droplet&per_page=200');
    await call(200, 'GET', `/v2/snapshots/${snapshots[0].id}`);
    await call(400, 'GET', '/v2/snapshots/181000001');
    await call(204, 'DELETE', `/v2/snapshots/${snapshots[0].id}`);
    await call(404, 'GET', `/v2/snapshots/${snapshots[0].id}`);
    const { volume } = await call(201, 'POST', '/v2/volumes', { name: 'data-1', size_gigabytes: 10, region: 'syd1' });
    await call(200, 'GET', '/v2/volumes?name=data-1&region=syd1');
    const path = `/v2/volumes/${volume.id}`;
    await call(200, 'GET', path);
    await call(409, 'POST', '/v2/volumes', { name: 'data-1', size_gigabytes: 10, region: 'syd1' });
    const { action } = await call(202, 'POST', `${path}/actions`, { type: 'attach', droplet_id: 231_908_303 });
    await call(200, 'GET', `${path}/actions`);
    await call(200, 'GET', `${path}/actions/${action.id}`);
    await call(409, 'DELETE', path);
    await call(422, 'POST', `${path}/actions`, { type: 'attach', droplet_id: 231_908_303 });
    await call(202, 'POST', '/v2/volumes/actions', { type: 'detach', volume_name: 'data-1', droplet_id: 231_908_303 });
    const { snapshot } = await call(201, 'POST', `${path}/snapshots`, { name: 'of-data', tags: ['kept'] });
    await call(200, 'GET', `${path}/snapshots`);
    await call(200, 'GET', '/v2/snapshots?resource_type=volume');
    await call(200, 'GET', `/v2/volumes/snapshots/${snapshot.id}`);
    await call(204, 'DELETE', `/v2/volumes/snapshots/${snapshot.id}`);
    await call(404, 'GET', `/v2/volumes/snapshots/${snapshot.id}`);
    await call(204, 'DELETE', path);
    await call(201, 'POST', '/v2/volumes', { name: 'data-2', size_gigabytes: 10, region: 'syd1' });
    await call(204, 'DELETE', '/v2/volumes?name=data-2&region=syd1');
    await call(404, 'DELETE', '/v2/volumes?name=data-2&region=syd1');
  });

  it('of domains and their records', async () => {
    await call(200, 'GET', '/v2/domains');
    await call(201, 'POST', '/v2/domains', { name: 'new.example', ip_address: '203.0.113.9' });
    await call(200, 'GET', '/v2/domains/new.example');
    const path = '/v2/domains/new.example/records';
    const { domain_record } = await call(201, 'POST', path, {
      type: 'CNAME',
      name: 'www',
      data: 'web.example.com.',
      ttl: 300,
    });
    expect(domain_record.data).toBe('web.example.com.');
    const { domain_records } = await call(200, 'GET', `${path}?type=CNAME&name=www.new.example`);
    expect(domain_records).toMatchObject([{ data: 'web.example.com', ttl: 300 }]);
    await call(200, 'GET', `${path}/${domain_record.id}`);
    await call(200, 'PUT', `${path}/${domain_record.id}`, { type: 'CNAME', name: 'www', data: 'other.example.com.' });
    await call(200, 'PATCH', `${path}/${domain_record.id}`, { type: 'CNAME', data: 'third.example.com.', ttl: 60 });
    await call(422, 'POST', path, { type: 'CNAME', name: 'x', data: 'no-dot.example.com' });
    await call(204, 'DELETE', `${path}/${domain_record.id}`);
    await call(204, 'DELETE', '/v2/domains/new.example');
    await call(404, 'GET', '/v2/domains/sky-ai.com.');
  });

  it.each([
    ['floating_ips', 'floating_ip'],
    ['reserved_ips', 'reserved_ip'],
  ])('of %s', async (list, one) => {
    const made = await call(202, 'POST', `/v2/${list}`, { droplet_id: 231_908_303 });
    const { ip } = made[one];
    await call(200, 'GET', `/v2/${list}`);
    await call(200, 'GET', `/v2/${list}/${ip}`);
    const { action } = await call(201, 'POST', `/v2/${list}/${ip}/actions`, { type: 'unassign' });
    await call(200, 'GET', `/v2/${list}/${ip}/actions`);
    await call(200, 'GET', `/v2/${list}/${ip}/actions/${action.id}`);
    await call(422, 'POST', `/v2/${list}/${ip}/actions`, { type: 'unassign' });
    await call(201, 'POST', `/v2/${list}/${ip}/actions`, { type: 'assign', droplet_id: 231_908_303 });
    await call(412, 'POST', '/v2/projects/9b5e1c32-2f57-4c7a-9a2d-5e3f7a91bc23/resources', {
      resources: [`do:floatingip:${ip}`],
    });
    await call(204, 'DELETE', `/v2/${list}/${ip}`);
    await call(404, 'GET', `/v2/${list}/${ip}`);
    await call(202, 'POST', `/v2/${list}`, { region: 'syd1' });
  });

  it('of firewalls and load balancers', async () => {
    const { firewalls } = await call(200, 'GET', '/v2/firewalls');
    await call(200, 'GET', `/v2/firewalls/${firewalls[0].id}`);
    await call(204, 'DELETE', `/v2/firewalls/${firewalls[0].id}`);
    await call(404, 'GET', `/v2/firewalls/${firewalls[0].id}`);
    const rule = { protocol: 'tcp', ports: '22', sources: { addresses: ['0.0.0.0/0'] } };
    const form = { name: 'web', inbound_rules: [rule], droplet_ids: [231_908_303] };
    const { firewall } = await call(202, 'POST', '/v2/firewalls', form);
    const path = `/v2/firewalls/${firewall.id}`;
    await call(200, 'GET', path);
    await call(200, 'PUT', path, { ...form, name: 'web-2' });
    await call(201, 'POST', '/v2/tags', { name: 'walled' });
    const parts = {
      droplets: { droplet_ids: [231_908_303] },
      tags: { tags: ['walled'] },
      rules: { outbound_rules: [{ protocol: 'icmp', ports: '0', destinations: { addresses: ['0.0.0.0/0'] } }] },
    };
    for (const [part, body] of Object.entries(parts)) {
      await call(204, 'POST', `${path}/${part}`, body);
      await call(200, 'GET', path);
      await call(204, 'DELETE', `${path}/${part}`, body);
    }
    await call(422, 'POST', '/v2/firewalls', { ...form, inbound_rules: [] });

    await call(200, 'GET', '/v2/load_balancers');
    await call(404, 'GET', '/v2/load_balancers/4de7ac8b-495b-4884-9a69-1050c6793cd6');
    await call(404, 'DELETE', '/v2/load_balancers/4de7ac8b-495b-4884-9a69-1050c6793cd6');
    const forwarding = { entry_protocol: 'http', entry_port: 80, target_protocol: 'http', target_port: 8080 };
    const wanted = { name: 'edge', region: 'syd1', forwarding_rules: [forwarding], droplet_ids: [231_908_303] };
    const { load_balancer } = await call(202, 'POST', '/v2/load_balancers', wanted);
    const balancer = `/v2/load_balancers/${load_balancer.id}`;
    await call(200, 'GET', balancer);
    await call(200, 'PUT', balancer, { ...wanted, name: 'edge-2' });
    await call(204, 'POST', `${balancer}/droplets`, { droplet_ids: [302_114_404] });
    await call(204, 'DELETE', `${balancer}/droplets`, { droplet_ids: [302_114_404] });
    const more = { forwarding_rules: [{ ...forwarding, entry_port: 81 }] };
    await call(204, 'POST', `${balancer}/forwarding_rules`, more);
    await call(200, 'GET', '/v2/load_balancers');
    await call(204, 'DELETE', `${balancer}/forwarding_rules`, {
      forwarding_rules: [{ ...more.forwarding_rules[0], certificate_id: '', tls_passthrough: false }],
    });
    await call(422, 'POST', '/v2/load_balancers', { ...wanted, forwarding_rules: [] });
    await call(204, 'DELETE', balancer);
  });

  it('of VPCs', async () => {
    const { vpcs } = await call(200, 'GET', '/v2/vpcs');
    expect(vpcs).toHaveLength(1);
    await call(200, 'GET', `/v2/vpcs/${vpcs[0].id}`);
    const { vpc } = await call(201, 'POST', '/v2/vpcs', { name: 'shop', region: 'syd1', ip_range: '10.10.10.0/24' });
    const path = `/v2/vpcs/${vpc.id}`;
    await call(200, 'PUT', path, { name: 'shop-2', description: 'of the shop' });
    expect((await call(200, 'PATCH', path, { default: true })).vpc).toMatchObject({ name: 'shop-2', default: true });
    expect((await call(200, 'GET', `/v2/vpcs/${vpcs[0].id}`)).vpc.default).toBe(false);
    await call(200, 'PATCH', `/v2/vpcs/${vpcs[0].id}`, { default: true });
    await call(422, 'POST', '/v2/vpcs', { name: 'shop-2', region: 'syd1' });
    await call(422, 'POST', '/v2/vpcs', { name: 'shop-3', region: 'syd1', ip_range: '10.10.10.0/24' });
    await call(422, 'DELETE', `/v2/vpcs/${vpcs[0].id}`);
    await call(204, 'DELETE', path);
    await call(404, 'GET', path);
  });

  it('of projects', async () => {
    const { projects } = await call(200, 'GET', '/v2/projects');
    expect(projects).toHaveLength(4);
    const { project } = await call(201, 'POST', '/v2/projects', { name: 'mine', purpose: 'something else' });
    expect(project.purpose).toBe('Other: something else');
    await call(409, 'POST', '/v2/projects', { name: 'mine', purpose: 'Web Application' });
    await call(200, 'GET', '/v2/projects/default');
    await call(200, 'GET', `/v2/projects/${project.id}`);
    await call(200, 'PATCH', `/v2/projects/${project.id}`, { description: 'changed' });
    await call(200, 'PUT', `/v2/projects/${project.id}`, {
      name: 'mine-2',
      description: '',
      purpose: 'IoT',
      environment: 'staging',
      is_default: false,
    });
    await call(422, 'PUT', `/v2/projects/${project.id}`, { name: 'mine-3' });
    await call(412, 'DELETE', '/v2/projects/default');
    const members = { resources: ['do:droplet:231908303'] };
    await call(200, 'POST', `/v2/projects/${project.id}/resources`, members);
    await call(200, 'GET', `/v2/projects/${project.id}/resources`);
    await call(400, 'POST', `/v2/projects/${project.id}/resources`, { resources: ['droplet:1'] });
    await call(412, 'DELETE', `/v2/projects/${project.id}`);
    await call(200, 'POST', '/v2/projects/default/resources', members);
    await call(204, 'DELETE', `/v2/projects/${project.id}`);
  });

  it('of tags', async () => {
    await call(201, 'POST', '/v2/tags', { name: 'fresh' });
    const resources = { resources: [{ resource_id: '231908303', resource_type: 'droplet' }] };
    await call(204, 'POST', '/v2/tags/fresh/resources', resources);
    expect((await call(200, 'GET', '/v2/tags/fresh')).tag.resources.droplets.count).toBe(1);
    await call(204, 'DELETE', '/v2/tags/fresh/resources', resources);
    await call(200, 'GET', '/v2/tags');
    await call(204, 'DELETE', '/v2/tags/fresh');
    await call(404, 'GET', '/v2/tags/fresh');
  });

  it('of balance, history and invoices', async () => {
    const my = '/v2/customers/my';
    const asked = 'host_id=231908303&interface=public&direction=outbound&start=1777593600&end=1777597200';
    await call(200, 'GET', `/v2/monitoring/metrics/droplet/bandwidth?${asked}`);
    await call(200, 'GET', `${my}/balance`);
    await call(200, 'GET', `${my}/billing_history`);
    const { invoices } = await call(200, 'GET', `${my}/invoices?per_page=200`);
    expect(invoices).toHaveLength(137);
    for (const invoice of [invoices[0], invoices[60], invoices.at(-1)]) {
      await call(200, 'GET', `${my}/invoices/${invoice.invoice_uuid}?per_page=200`);
      await call(200, 'GET', `${my}/invoices/${invoice.invoice_uuid}/summary`);
      await call(200, 'GET', `${my}/invoices/${invoice.invoice_uuid}/csv`);
    }
    await call(200, 'GET', `${my}/invoices/preview`);
    await call(404, 'GET', `${my}/invoices/4e1bfbc3-dc3e-41f2-a18f-1b4d7ba71677`);
  });

  it('and all its endpoints were walked', () => {
    const missing = routes.filter(({ method, parts }) => {
      const path = parts
        .map((part) => (part.startsWith(':') ? (part === ':ip' ? '203.0.113.1' : '1') : part))
        .join('/');
      const template = openApi.template(method, path);
      return template !== null && !walked.has(`${method} ${template}`);
    });
    expect(missing.map(({ method, parts }) => `${method} ${parts.join('/')}`)).toEqual([]);
  });
});
