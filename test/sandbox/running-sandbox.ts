import { afterEach } from '@jest/globals';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.js';

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

/** A sandbox that ends with its test; everything is done at once and nobody is limited, unless told otherwise. */
export async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ timeScale: 0, rateLimit: null, ...options });
  running.push(sandbox);
  return sandbox;
}

/** A sandbox in real time on a clock that only the test moves. */
export async function startClocked(options: SandboxOptions = {}) {
  let now = Date.parse('2026-11-20T00:00:00Z');
  const sandbox = await start({ timeScale: 1, now: () => now, ...options });
  return {
    sandbox,
    pass(seconds: number) {
      now += seconds * 1_000;
    },
  };
}

type Place = Pick<Sandbox, 'url'>;

export const send = (sandbox: Place, method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(`${sandbox.url}${path}`, {
    method,
    headers: { authorization: 'Bearer any' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

/** The body of what a GET answers. */
export const get = async (sandbox: Place, path: string): Promise<any> => (await send(sandbox, 'GET', path)).json();

/** The status and the body of an answer; a body that is no JSON as text, none as null. */
export async function ask(sandbox: Place, method: string, path: string, body?: unknown): Promise<[number, any]> {
  const response = await send(sandbox, method, path, body);
  const text = await response.text();
  if (text === '') return [response.status, null];
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return [response.status, isJson ? JSON.parse(text) : text];
}

/** Of the golden account: `mail.sky-ai.com`, 25 GB, on, backed up. */
export const MAIL = 231_908_303;
export const SPEC = {
  name: 'web-1',
  region: 'syd1',
  size: 's-1vcpu-1gb',
  image: 'ubuntu-24-04-x64',
  tags: ['mine'],
};
