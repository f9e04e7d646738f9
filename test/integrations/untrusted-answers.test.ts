import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { errorText, redacted, tenantText, withoutCredentials } from '../../src/core/text/redact.js';
import { ProviderError } from '../../src/errors.js';
import { loggedError } from '../../src/log.js';
import { clientOf, json, type ProviderServer, startProviderServer } from './digitalocean/provider-server.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';

let provider: ProviderServer;
beforeAll(async () => {
  provider = await startProviderServer();
});
afterAll(() => provider.stop());

const failureOf = (asking: Promise<unknown>): Promise<ProviderError> =>
  asking.then(
    () => Promise.reject(new Error('it was answered')),
    (error) => error as ProviderError,
  );

describe('a text of somebody else', () => {
  it.each([
    ['Authorization: Bearer abc.def', 'Authorization: Bearer [secret]'],
    [`the token ${JWT} is wrong`, 'the token [secret] is wrong'],
    ['dop_v1_0123456789abcdef is unknown', '[secret] is unknown'],
    ['cannot open http://ann:hunter2@finance.test/x', 'cannot open http://[secret]@finance.test/x'],
    ['password=hunter2', 'password=[secret]'],
    ['a\0b\ud800', 'a\ufffdb\ufffd'],
  ])('loses its credentials: %s', (text, expected) => {
    expect(redacted(text)).toBe(expected);
  });

  it('is bounded', () => {
    expect(errorText(new Error('x'.repeat(1_000_000))).length).toBe(1_001);
  });

  // Sagas that failed under an earlier release have stored "refused".
  it.each(['rejected', 'refused'])('of the provider is not for tenants: %s', (verb) => {
    const text = `CreateDroplet failed: DigitalOcean ${verb} POST /v2/droplets: 422 unprocessable_entity inner words`;
    expect(tenantText(text)).toBe('CreateDroplet failed: the provider rejected the request (status 422)');
  });

  it('a configured URL loses user name and password', () => {
    expect(withoutCredentials('https://ann:hunter2@finance.test/base')).toBe('https://finance.test/base');
  });
});

describe('a logged error', () => {
  it('of the database holds no text of the caller', () => {
    const error = Object.assign(new Error('invalid input syntax for type uuid: "my secret text"'), {
      severity: 'ERROR',
      code: '22P02',
      detail: 'Key (slug)=(my secret text) already exists.',
      parameters: ['my secret text'],
      query: 'select 1 where id = $1',
    });
    const shown = JSON.stringify(loggedError(new Error('request failed', { cause: error })));
    expect(shown).not.toContain('my secret text');
    expect(shown).toContain('22P02');
    expect(shown).toContain('select 1 where id = $1');
  });
});

describe('an answer of the provider', () => {
  it('that echoes our token shows it nowhere', async () => {
    provider.answer((request, response) =>
      json(response, { id: 'unauthorized', message: `bad header ${request.authorization} ${JWT}` }, 401),
    );
    const error = await failureOf(clientOf(provider.url).digitalOcean.sync.droplets.get('42'));
    expect(error.message).toBe(
      'DigitalOcean rejected GET /v2/droplets/42: 401 unauthorized bad header Bearer [secret] [secret]',
    );
    expect(JSON.stringify(error.failure)).not.toContain('token-of');
  });

  it('past twenty megabytes is cut off with a ProviderError, and not asked for again', async () => {
    let sent = 0;
    provider.answer((_request, response) => {
      const chunk = Buffer.alloc(1_000_000, 0x20);
      const write = () => {
        while (sent < 700_000_000 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      write();
    });
    const error = await failureOf(clientOf(provider.url).digitalOcean.sync.droplets.get('42'));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error.message).toContain('the answer is larger than 20000000 bytes');
    expect(sent).toBeLessThan(100_000_000);
    expect(provider.received).toHaveLength(1);
  });
});
