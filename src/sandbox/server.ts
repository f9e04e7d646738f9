import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Account } from './account.js';
import { administer } from './administer.js';
import { answerApi, toErrorResponse } from './answer-api.js';
import { answerSpaces } from './answer-spaces.js';
import { badRequest } from './answers.js';
import { rejectForeignPages } from './foreign-pages.js';
import { goldenAccount } from './golden/account.js';
import { type RateLimit, RateLimits } from './rate-limit.js';
import type { Running } from './running.js';
import { freshState, type State, StateFile } from './state.js';
import { parseJson, readBody, render, send } from './wire.js';

export interface SandboxOptions {
  /** Left out: a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Where `state.json` is kept; left out: in memory alone. */
  readonly stateDir?: string;
  /** 1: actions take as long as DigitalOcean's; 0: they are done at once. */
  readonly timeScale?: number;
  /** Null: nobody is ever told to wait. Left out: DigitalOcean's own limits. */
  readonly rateLimit?: RateLimit | null;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly account?: () => Account;
  /** Told each request once it is answered, and each mistake of the sandbox's own. */
  readonly log?: (line: object) => void;
}

export interface Sandbox {
  /** Without `/v2`. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const DIGITALOCEANS_LIMIT: RateLimit = { perHour: 5_000, perMinute: 250 };

/** A stateful imitation of the DigitalOcean endpoints that a hosting company uses. Takes any token. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', rateLimit = DIGITALOCEANS_LIMIT, account = goldenAccount } = options;
  const file = options.stateDir === undefined ? null : await StateFile.open(options.stateDir);
  const running: Running = {
    state: withBuckets(await file?.load(), account) ?? freshState(account()),
    file,
    faults: [],
    requests: [],
    limits: new RateLimits(rateLimit),
    origin: '',
    timeScale: options.timeScale ?? 1,
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    freshState: () => freshState(account()),
    log: options.log ?? (() => {}),
  };
  const server = createServer((req, res) => {
    answer(running, req, res).catch((error) => {
      const { status, id, message } = toErrorResponse(error, (stack) => running.log({ error: stack }));
      if (res.headersSent) res.destroy();
      else send(res, render({ status, body: { id, message } }));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  running.origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: running.origin,
    port,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await file?.saved();
    },
  };
}

/** A state that was kept before the sandbox had object storage gets the account's buckets. */
function withBuckets(state: State | null | undefined, account: () => Account): State | null {
  if (state) state.account.spaces ??= account().spaces;
  return state ?? null;
}

async function answer(running: Running, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const target = req.url ?? '/';
  const address = `http://sandbox${target}`;
  if (!target.startsWith('/') || !URL.canParse(address)) throw badRequest('The request has no path.');
  const url = new URL(address);
  if (url.pathname.startsWith('/spaces/')) return answerSpaces(running, req, res, url);
  if (!url.pathname.startsWith('/_sandbox/')) return answerApi(running, req, res, url);
  rejectForeignPages(req, new URL(running.origin).hostname);
  const text = await readBody(req);
  const sentMessage = administer(running, req.method ?? 'GET', url.pathname, text === '' ? {} : parseJson(text));
  const rendered = render(sentMessage);
  if (req.method !== 'GET') await running.file?.save(running.state);
  send(res, rendered);
}
