import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSandbox } from '../../src/sandbox/server.js';
import { ask, get, MAIL, SPEC, send, start, startClocked } from './running-sandbox.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function startChild(): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['--import', './scripts/swc-register.js', 'src/main.ts', 'sandbox'], {
    env: { PATH: process.env['PATH'], DATA_DIR: directory, SANDBOX_TIME_SCALE: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { url: /http:\S+/.exec(String(line))?.[0] as string, child };
}

describe('the state', () => {
  it('survives a kill in the middle of writing, with everything that was answered', async () => {
    const { url, child } = await startChild();
    const answered: string[] = [];
    const isGone = once(child, 'exit');
    const writers = [1, 2, 3, 4].map(async (writer) => {
      for (let n = 0; ; n++) {
        const name = `w${writer}-${n}`;
        const status = await send({ url }, 'POST', '/v2/tags', { name }).then(
          (answer) => answer.status,
          () => null,
        );
        if (status === null) return;
        answered.push(name);
        if (answered.length === 200) child.kill('SIGKILL');
      }
    });
    await Promise.all([...writers, isGone]);
    const sandbox = await start({ stateDir: join(directory, 'sandbox') });
    const tags = new Set(Object.keys(await get(sandbox, '/_sandbox/state/tags')));
    expect(answered.length).toBeGreaterThanOrEqual(200);
    expect(answered.filter((name) => !tags.has(name))).toEqual([]);
  });

  it('keeps what is still under way over a restart', async () => {
    const { sandbox: first, pass } = await startClocked({ stateDir: directory });
    const [, { droplet }] = await ask(first, 'POST', '/v2/droplets', SPEC);
    await ask(first, 'POST', `/v2/droplets/${MAIL}/actions`, { type: 'snapshot', name: 'kept' });
    pass(10);
    await get(first, '/v2/droplets');
    const startedAt = Date.parse('2026-11-20T00:00:00Z');
    let now = startedAt + 20_000;
    const second = await start({ timeScale: 1, stateDir: directory, now: () => now });
    expect((await get(second, `/v2/droplets/${droplet.id}`)).droplet.status).toBe('new');
    expect((await ask(second, 'POST', `/v2/droplets/${MAIL}/actions`, { type: 'reboot' }))[0]).toBe(422);
    now = startedAt + 60_000;
    const { status, networks } = (await get(second, `/v2/droplets/${droplet.id}`)).droplet;
    expect([status, networks.v4.map((each: any) => each.type)]).toEqual(['active', ['private', 'public']]);
    expect((await get(second, `/v2/droplets/${MAIL}/snapshots`)).snapshots.map((each: any) => each.name)).toContain(
      'kept',
    );
  });

  it('leaves one file, which a reset makes golden again', async () => {
    const sandbox = await start({ stateDir: directory });
    await Promise.all([1, 2, 3].map((n) => send(sandbox, 'POST', '/v2/tags', { name: `t${n}` })));
    await send(sandbox, 'DELETE', `/v2/droplets/${MAIL}`);
    await send(sandbox, 'POST', '/_sandbox/reset');
    expect(await readdir(directory)).toEqual(['state.json']);
    const { account } = JSON.parse(await readFile(join(directory, 'state.json'), 'utf8'));
    expect([Object.keys(account.droplets).length, account.tags.t1]).toEqual([5, undefined]);
  });

  it('that cannot be read stops the start and says which file it is', async () => {
    await writeFile(join(directory, 'state.json'), '{"account":');
    await expect(startSandbox({ stateDir: directory })).rejects.toThrow(
      `${join(directory, 'state.json')} is no state of a sandbox; remove it to begin anew`,
    );
  });

  it('that cannot be written fails the request, and the next one is tried again', async () => {
    const sandbox = await start({ stateDir: join(directory, 'gone') });
    await rm(join(directory, 'gone'), { recursive: true });
    expect((await ask(sandbox, 'POST', '/v2/tags', { name: 'lost' }))[0]).toBe(500);
    await mkdir(join(directory, 'gone'));
    expect((await ask(sandbox, 'POST', '/v2/tags', { name: 'kept' }))[0]).toBe(201);
  });
});
