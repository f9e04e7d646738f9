import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientOf, json, type ProviderServer, startProviderServer } from './provider-server.js';

let provider: ProviderServer;
beforeAll(async () => {
  provider = await startProviderServer();
});
afterAll(() => provider.stop());

const NEVER = new AbortController().signal;

/** A holder that says what it was asked, and refuses with an error of its own where told so. */
function holder(refusesAt: 'try' | 'send' | null, nth = 1) {
  const asked: string[] = [];
  const ask = (when: 'try' | 'send') => {
    asked.push(`${when} after ${provider.received.length} sent`);
    if (when === refusesAt && asked.filter((each) => each.startsWith(when)).length === nth) throw new Error('not mine');
  };
  return {
    asked,
    guard: { beforeTry: async () => ask('try'), beforeSend: () => ask('send'), signal: NEVER },
  };
}

describe('a holder that may lose what it holds', () => {
  it('is asked before each try and again in the breath of each request', async () => {
    provider.answer((_request, response, earlier) =>
      earlier === 0 ? json(response, {}, 503) : json(response, { droplets: [], meta: { total: 0 } }),
    );
    const { asked, guard } = holder(null);
    await clientOf(provider.url).digitalOcean.provisioningFor(guard).droplets.findByTag('t');
    expect(asked).toEqual(['try after 0 sent', 'send after 0 sent', 'try after 1 sent', 'send after 1 sent']);
  });

  it.each(['try', 'send'] as const)('sends nothing more where it refuses before a %s', async (when) => {
    provider.answer((_request, response) => json(response, {}, 503));
    const first = holder(when);
    const { digitalOcean } = clientOf(provider.url);
    await expect(digitalOcean.provisioningFor(first.guard).droplets.destroy('1')).rejects.toThrow(/^not mine$/);
    expect(provider.received).toEqual([]);
    const second = holder(when, 2);
    await expect(digitalOcean.provisioningFor(second.guard).droplets.destroy('1')).rejects.toThrow(/^not mine$/);
    expect(provider.received).toHaveLength(1);
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
