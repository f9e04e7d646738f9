import { describe, expect, it } from '@jest/globals';
import type { Sandbox } from '../../src/sandbox/server.js';
import { ask, get, MAIL, SPEC, send, start } from './running-sandbox.js';

const fault = (sandbox: Sandbox, body: unknown) => ask(sandbox, 'POST', '/_sandbox/faults', body);
const statusesOf = async (sandbox: Sandbox, path: string, count: number) => {
  const statuses = [];
  for (let n = 0; n < count; n++) statuses.push((await send(sandbox, 'GET', path)).status);
  return statuses;
};

describe('a fault', () => {
  it('answers a status as often as it is told, past those that may pass', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: 'GET', path: '/v2/drop*', times: 2, skip: 1, status: 503 });
    expect(await statusesOf(sandbox, '/v2/droplets', 4)).toEqual([200, 503, 503, 200]);
  });

  it('answers the one page of a list that it names', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: 'GET', path: '/v2/snapshots', query: { page: '2' }, status: 500 });
    expect(await statusesOf(sandbox, '/v2/snapshots?per_page=5', 2)).toEqual([200, 200]);
    expect(await statusesOf(sandbox, '/v2/snapshots?per_page=5&page=2', 2)).toEqual([500, 200]);
  });

  it('comes by chance until it is cleared, where it has a probability', async () => {
    const draws = [0.1, 0.9, 0.1, 0.9, 0.1, 0.1];
    const sandbox = await start({ random: () => draws.shift() ?? 1 });
    await fault(sandbox, { method: '*', path: '/v2/*', probability: 0.33, status: 503 });
    expect(await statusesOf(sandbox, '/v2/account', 5)).toEqual([503, 200, 503, 200, 503]);
    await send(sandbox, 'DELETE', '/_sandbox/faults');
    expect(await statusesOf(sandbox, '/v2/account', 1)).toEqual([200]);
  });

  it('tells when to come back', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: '*', path: '/v2/account', status: 429, retryAfter: 7 });
    const answer = await send(sandbox, 'GET', '/v2/account');
    expect([answer.status, answer.headers.get('retry-after'), ((await answer.json()) as any).id]).toEqual([
      429,
      '7',
      'too_many_requests',
    ]);
  });

  it.each([
    ['<html>Bad Gateway</html>', '<html>Bad Gateway</html>', 'text/html; charset=utf-8'],
    ['{"droplets":', '{"droplets":', 'text/plain; charset=utf-8'],
    [{ droplets: 1 }, '{"droplets":1}', 'text/plain; charset=utf-8'],
  ])('answers the body %j', async (body, text, type) => {
    const sandbox = await start();
    await fault(sandbox, { method: 'GET', path: '/v2/droplets', status: 502, body });
    const answer = await send(sandbox, 'GET', '/v2/droplets');
    expect([answer.status, await answer.text(), answer.headers.get('content-type')]).toEqual([502, text, type]);
  });

  it('lets a request wait, and then carries it out', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: 'POST', path: '/v2/droplets', delayMs: 60 });
    const startedAt = performance.now();
    expect((await ask(sandbox, 'POST', '/v2/droplets', SPEC))[0]).toBe(202);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(59);
  });

  it('loses the answer after acting', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: 'POST', path: '/v2/droplets', dropAfterActing: true });
    await expect(send(sandbox, 'POST', '/v2/droplets', SPEC)).rejects.toThrow('fetch failed');
    expect((await get(sandbox, '/v2/droplets?tag_name=mine')).droplets).toHaveLength(1);
    expect((await get(sandbox, '/_sandbox/requests')).requests[0]).toMatchObject({ method: 'POST', status: 202 });
  });

  it('lets an action be done without effect: a droplet that never becomes active, a shutdown that is ignored', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: 'POST', path: '/v2/droplets', outcome: 'stalled' });
    const [, { droplet, links }] = await ask(sandbox, 'POST', '/v2/droplets', SPEC);
    expect((await get(sandbox, `/v2/actions/${links.actions[0].id}`)).action.status).toBe('completed');
    expect((await get(sandbox, `/v2/droplets/${droplet.id}`)).droplet.status).toBe('new');
    expect((await ask(sandbox, 'DELETE', `/v2/droplets/${droplet.id}`))[0]).toBe(204);
    await fault(sandbox, { method: 'POST', path: `/v2/droplets/${MAIL}/actions`, outcome: 'stalled' });
    await ask(sandbox, 'POST', `/v2/droplets/${MAIL}/actions`, { type: 'shutdown' });
    expect((await get(sandbox, `/v2/droplets/${MAIL}`)).droplet.status).toBe('active');
  });

  it('lets an action end errored, and takes a droplet that found no place away', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: 'POST', path: '/v2/droplets*', times: 2, outcome: 'errored' });
    const [, { droplet, links }] = await ask(sandbox, 'POST', '/v2/droplets', SPEC);
    expect((await get(sandbox, `/v2/actions/${links.actions[0].id}`)).action.status).toBe('errored');
    expect((await ask(sandbox, 'GET', `/v2/droplets/${droplet.id}`))[0]).toBe(404);
    const [, { action }] = await ask(sandbox, 'POST', `/v2/droplets/${MAIL}/actions`, { type: 'snapshot', name: 's' });
    expect((await get(sandbox, `/v2/actions/${action.id}`)).action.status).toBe('errored');
    expect((await get(sandbox, '/v2/snapshots')).meta.total).toBe(12);
  });

  it('that answers in place of acting leaves everything as it was', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: 'DELETE', path: `/v2/droplets/${MAIL}`, status: 500 });
    expect((await ask(sandbox, 'DELETE', `/v2/droplets/${MAIL}`))[0]).toBe(500);
    expect((await get(sandbox, '/v2/droplets')).meta.total).toBe(5);
  });

  it.each([
    [[], 'a fault is a JSON object'],
    [{ path: '/v2/account', status: 500 }, 'method must be one of *, GET, POST, PUT, PATCH, DELETE, HEAD'],
    [{ method: 'GET', path: 'v2', status: 500 }, 'path must begin with / and may end in *'],
    [{ method: 'GET', path: '/v2/account' }, 'a fault needs status, body, delayMs, dropAfterActing or outcome'],
    [{ method: 'GET', path: '/', status: 99 }, 'status must be a whole number from 200 to 599'],
    [{ method: 'GET', path: '/', status: 500.5 }, 'status must be a whole number from 200 to 599'],
    [{ method: 'GET', path: '/', status: '500' }, 'status must be a whole number from 200 to 599'],
    [{ method: 'GET', path: '/', status: 500, times: 0 }, 'times must be a whole number from 1 to 1000000'],
    [{ method: 'GET', path: '/', status: 500, probability: 2 }, 'probability must be a number from 0 to 1'],
    [{ method: 'GET', path: '/', status: 500, query: 'page=2' }, 'query must be an object of strings'],
    [{ method: 'GET', path: '/', dropAfterActing: 1 }, 'dropAfterActing must be true or false'],
    [{ method: 'GET', path: '/', outcome: 'odd' }, 'outcome must be stalled or errored'],
    [{ method: 'GET', path: '/', delayMs: 5, retryAfter: 3 }, 'retryAfter needs a status'],
    [
      { method: 'GET', path: '/', dropAfterActing: true, status: 500 },
      'dropAfterActing and outcome carry the request out: they go with neither status nor body',
    ],
    [
      { method: 'GET', path: '/', stauts: 500 },
      'stauts is nothing that a fault takes; it takes method, path, query, times, skip, probability, status, delayMs, dropAfterActing, outcome, retryAfter, body',
    ],
  ])('is refused where it makes no sense: %j', async (body, message) => {
    const sandbox = await start();
    expect(await fault(sandbox, body)).toMatchObject([400, { message }]);
    expect(await get(sandbox, '/_sandbox/faults')).toEqual({ faults: [] });
  });
});

it('a reset restores the account, and forgets faults and requests', async () => {
  const sandbox = await start();
  await fault(sandbox, { method: 'GET', path: '/v2/account', status: 500 });
  await send(sandbox, 'DELETE', `/v2/droplets/${MAIL}`);
  expect((await send(sandbox, 'POST', '/_sandbox/reset')).status).toBe(204);
  expect(await get(sandbox, '/_sandbox/requests')).toEqual({ requests: [] });
  expect(await get(sandbox, '/_sandbox/faults')).toEqual({ faults: [] });
  expect((await get(sandbox, '/v2/droplets')).meta.total).toBe(5);
});
