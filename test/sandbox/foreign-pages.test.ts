import { request } from 'node:http';
import { expect, it } from '@jest/globals';
import { get, start } from './running-sandbox.js';

/** fetch sets `host` and the headers of browsers itself, so the request is made below it. */
function post(url: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}${path}`, { method: 'POST', headers, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    outgoing.on('error', reject).end();
  });
}

it.each([
  ['a form of another site', { origin: 'https://evil.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['a page of another site that hides its origin', { 'sec-fetch-site': 'cross-site' }],
  ['another port of this machine', { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' }],
  ['a foreign name that leads here', { host: 'evil.example' }],
])('%s resets nothing', async (_name, headers) => {
  const sandbox = await start();
  await get(sandbox, '/v2/droplets');
  const before = (await get(sandbox, '/_sandbox/requests')).requests.length;
  expect(before).toBe(1);
  expect(await post(sandbox.url, '/_sandbox/reset', headers)).toBe(403);
  expect((await get(sandbox, '/_sandbox/requests')).requests).toHaveLength(before);
});

it('its own page and whoever is no browser may reset it', async () => {
  const sandbox = await start();
  expect(await post(sandbox.url, '/_sandbox/reset', {})).toBe(204);
  expect(await post(sandbox.url, '/_sandbox/reset', { origin: sandbox.url, 'sec-fetch-site': 'same-origin' })).toBe(
    204,
  );
});
