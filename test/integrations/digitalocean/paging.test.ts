import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { ProviderError } from '../../../src/errors.js';
import type { Page } from '../../../src/integrations/digitalocean/client.js';
import { queryOf } from '../../../src/integrations/digitalocean/paging.js';
import { clientOf, json, type ProviderServer, startProviderServer } from './provider-server.js';

const Thing = z.object({ id: z.int() });

describe('pages', () => {
  let provider: ProviderServer;
  beforeAll(async () => {
    provider = await startProviderServer();
  });
  afterAll(() => provider.stop());

  async function listed(): Promise<Page<{ id: number }>[]> {
    const pages = [];
    const { digitalOcean } = clientOf(provider.url, { retry: { attempts: 1 } });
    for await (const page of digitalOcean.sync.pages('/v2/things', 'things', Thing, { kind: 'a:b' })) pages.push(page);
    return pages;
  }

  /** Answers one thing a page and, but for the last page, the given link. */
  function answerWithNext(...links: (string | undefined)[]) {
    provider.answer((_request, response, earlier) => {
      const next = links[earlier];
      json(response, { things: [{ id: earlier + 1 }], links: next ? { pages: { next } } : {}, meta: { total: 9 } });
    });
  }
  const urls = () => provider.received.map((request) => request.url);

  it('asks 200 at a time and follows next to the end', async () => {
    answerWithNext(`${provider.url}/v2/things?page=2&per_page=200`, `${provider.url}/v2/things?page=3&per_page=200`);
    expect(await listed()).toEqual([
      { items: [{ id: 1 }], total: 9, page: 1 },
      { items: [{ id: 2 }], total: 9, page: 2 },
      { items: [{ id: 3 }], total: 9, page: 3 },
    ]);
    expect(urls()).toEqual([
      '/v2/things?per_page=200&kind=a%3Ab',
      '/v2/things?per_page=200&kind=a%3Ab&page=2',
      '/v2/things?per_page=200&kind=a%3Ab&page=3',
    ]);
  });

  it('keeps its own host and path, and the token, whatever next says', async () => {
    const foreign = await startProviderServer();
    answerWithNext(`${foreign.url}/v2/elsewhere?page=2`, 'http://api.digitalocean.com/v2/things?page=3');
    expect((await listed()).length).toBe(3);
    expect(foreign.received).toEqual([]);
    expect(urls().slice(1)).toEqual([
      '/v2/things?per_page=200&kind=a%3Ab&page=2',
      '/v2/things?per_page=200&kind=a%3Ab&page=3',
    ]);
    await foreign.stop();
  });

  it('follows no redirect', async () => {
    const foreign = await startProviderServer();
    provider.answer((_request, response) => response.writeHead(302, { location: foreign.url }).end());
    await expect(listed()).rejects.toMatchObject({ failure: { status: 302, retryable: false } });
    expect(foreign.received).toEqual([]);
    await foreign.stop();
  });

  it('reads a next with two question marks by its last page', async () => {
    answerWithNext(`${provider.url}/v2/things?page=2`, `${provider.url}/v2/things?page=2?page=3`);
    expect((await listed()).length).toBe(3);
    expect(urls()[2]).toBe('/v2/things?per_page=200&kind=a%3Ab&page=3');
  });

  it.each([
    ['no links', {}],
    ['links of null', { links: null }],
    ['links without pages', { links: {} }],
    ['only first and last', { links: { pages: { first: 'a?page=1', last: 'a?page=1' } } }],
    ['an empty next', { links: { pages: { next: '' } } }],
    ['a next of null', { links: { pages: { next: null } } }],
  ])('takes %s as the last page', async (_name, links) => {
    provider.answer((_request, response) => json(response, { things: [{ id: 1 }], ...links }));
    expect(await listed()).toEqual([{ items: [{ id: 1 }], total: null, page: 1 }]);
  });

  it.each([
    ['leads back to where it was', 'https://api.digitalocean.com/v2/things?page=2'],
    ['holds no query', 'https://api.digitalocean.com/v2/things'],
  ])('fails where next %s', async (_name, next) => {
    answerWithNext(...Array.from({ length: 5 }, () => next));
    await expect(listed()).rejects.toThrow(
      /GET \/v2\/things cannot be read: links\.pages\.next: page \d leads in a circle/,
    );
  });

  it('takes a list of null as empty where the total is 0, and refuses it otherwise', async () => {
    provider.answer((_request, response) => json(response, { things: null, meta: { total: 0 } }));
    expect(await listed()).toEqual([{ items: [], total: 0, page: 1 }]);
    provider.answer((_request, response) => json(response, { things: null, meta: { total: 3 } }));
    await expect(listed()).rejects.toThrow('GET /v2/things cannot be read: things: ');
    provider.answer((_request, response) => json(response, { items: [], meta: { total: 0 } }));
    await expect(listed()).rejects.toThrow('GET /v2/things cannot be read: things: ');
  });

  it('names the endpoint and the field of an item that it cannot read', async () => {
    provider.answer((_request, response) => json(response, { things: [{ id: 1 }, { id: 'x' }], meta: { total: 2 } }));
    const error = (await listed().catch((caught: unknown) => caught)) as ProviderError;
    expect(error.message).toBe(
      "DigitalOcean's answer to GET /v2/things cannot be read: things.1.id: Invalid input: expected number, received string",
    );
    expect(error.failure).toMatchObject({ endpoint: 'GET /v2/things', status: 200, retryable: false });
  });

  it('yields the pages before the one that fails', async () => {
    provider.answer((_request, response, earlier) =>
      earlier === 0
        ? json(response, { things: [{ id: 1 }], links: { pages: { next: '?page=2' } } })
        : json(response, { id: 'server_error', message: 'no' }, 500),
    );
    const { digitalOcean } = clientOf(provider.url, { retry: { attempts: 1 } });
    const pages: unknown[] = [];
    const listing = (async () => {
      for await (const page of digitalOcean.sync.pages('/v2/things', 'things', Thing)) pages.push(page);
    })();
    await expect(listing).rejects.toMatchObject({ failure: { status: 500, retryable: true } });
    expect(pages).toEqual([{ items: [{ id: 1 }], total: null, page: 1 }]);
  });
});

describe('queryOf', () => {
  it.each([
    ['https://x/v2/a?page=2&per_page=200', { page: '2', per_page: '200' }],
    ['https://x/v2/a?page=2?page=3', { page: '3' }],
    ['/v2/a?page=4#top', { page: '4' }],
    ['https://x/v2/a', {}],
  ])('of %s', (link, query) => {
    expect(queryOf(link)).toEqual(query);
  });
});
