import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientOf, json, type ProviderServer, startProviderServer } from './provider-server.js';

let provider: ProviderServer;
beforeAll(async () => {
  provider = await startProviderServer();
});
afterAll(() => provider.stop());

/** A holder that records when it was asked, and rejects with an error of its own and an abort of its signal if told so. */
function holder(refusesAt: 'try' | 'send' | null, nth = 1) {
  const asked: string[] = [];
  const ending = new AbortController();
  const ask = (when: 'try' | 'send') => {
    asked.push(`${when} after ${provider.received.length} sent`);
    if (when === refusesAt && asked.filter((each) => each.startsWith(when)).length === nth) {
      const error = new Error('not mine');
      ending.abort(error);
      throw error;
    }
  };
  return {
    asked,
    guard: { beforeTry: async () => ask('try'), beforeSend: () => ask('send'), signal: ending.signal },
  };
}

describe('a holder that may lose what it holds', () => {
  it('is asked before each try, before each request and again right before its first byte', async () => {
    provider.answer((_request, response, earlier) =>
      earlier === 0 ? json(response, {}, 503) : json(response, { droplets: [], meta: { total: 0 } }),
    );
    const { asked, guard } = holder(null);
    await clientOf(provider.url).digitalOcean.provisioningFor(guard).droplets.findByTag('t');
    expect(asked).toEqual(
      [0, 1].flatMap((sent) => [`try after ${sent} sent`, `send after ${sent} sent`, `send after ${sent} sent`]),
    );
  });

  it.each([
    ['the first try', 'try', 1, 0],
    ['the second try', 'try', 2, 1],
    ['the first request', 'send', 1, 0],
    ['the first byte of the first request', 'send', 2, 0],
    ['the second request', 'send', 3, 1],
    ['the first byte of the second request', 'send', 4, 1],
  ] as const)('sends nothing more where it refuses before %s', async (_, when, nth, sent) => {
    provider.answer((_request, response) => json(response, {}, 503));
    const { digitalOcean } = clientOf(provider.url);
    const destroyed = digitalOcean.provisioningFor(holder(when, nth).guard).droplets.destroy('1');
    await expect(destroyed).rejects.toThrow(/^not mine$/);
    expect(provider.received).toHaveLength(sent);
  });

  it('who refuses leaves the rate limit free for others', async () => {
    provider.answer((_request, response) => json(response, { droplets: [], meta: { total: 0 } }));
    const { digitalOcean } = clientOf(provider.url);
    for (let n = 0; n < 300; n++) {
      await expect(digitalOcean.provisioningFor(holder('send').guard).droplets.destroy('1')).rejects.toThrow(
        'not mine',
      );
    }
    await digitalOcean.provisioningFor(holder(null).guard).droplets.findByTag('t');
    expect(provider.received).toHaveLength(1);
  });
});
