import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account, WireObject } from './account.js';
import { administer, type RequestSeen } from './administer.js';
import { type Answer, badRequest, notFound, Refusal } from './answers.js';
import { routes } from './endpoints/all.js';
import { type Fault, takeFault } from './faults.js';
import { goldenAccount } from './golden/account.js';
import { type RateLimit, RateLimits } from './rate-limit.js';
import { findRoute } from './router.js';
import { settle } from './settle.js';
import { freshState, type State, StateFile } from './state.js';

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
}

export interface Sandbox {
  /** Without `/v2`. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 4_000_000;
const REQUESTS_KEPT = 1_000;

/** A stateful imitation of the DigitalOcean endpoints that a hosting company uses. Takes any token. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', timeScale = 1, now = Date.now, random = Math.random, account = goldenAccount } = options;
  const file = options.stateDir === undefined ? null : await StateFile.open(options.stateDir);
  let state: State = (await file?.load()) ?? freshState(account());
  const limits = new RateLimits(
    options.rateLimit === undefined ? { perHour: 5_000, perMinute: 250 } : options.rateLimit,
  );
  const faults: Fault[] = [];
  const requests: RequestSeen[] = [];
  let origin = '';

  const save = async () => file?.save(state);

  function act(method: string, path: string, query: URLSearchParams, body: WireObject): Answer {
    const found = findRoute(routes, method, path);
    if (!found) throw notFound();
    const at = now();
    settle(state, at);
    const answer = found.route.endpoint({
      params: found.params,
      query,
      body,
      path,
      state,
      account: state.account,
      now: at,
      origin,
      scaled: (seconds) => seconds * 1000 * timeScale,
      after: (seconds, change) => {
        state.pending.push({ dueAt: at + seconds * 1000 * timeScale, change });
      },
    });
    settle(state, at);
    return structuredClone(answer);
  }

  async function answerApi(req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> {
    const method = req.method ?? 'GET';
    const requestId = randomUUID();
    const token = /^Bearer (\S+)$/.exec(req.headers.authorization ?? '')?.[1];
    const allowance = limits.take(token ?? '', now());
    const headers: Record<string, string> = { ...allowance.headers, 'x-request-id': requestId };
    const text = await readBody(req);
    const fault = takeFault(faults, method, url.pathname, url.searchParams, random);
    if (fault && fault.delayMs > 0) await sleep(fault.delayMs, undefined, { ref: false });
    let answer: Answer;
    try {
      if (fault?.status || fault?.body) {
        answer = faultAnswer(fault);
      } else {
        if (!token) throw new Refusal(401, 'unauthorized', 'Unable to authenticate you');
        if (allowance.waitSeconds !== null) throw new Refusal(429, 'too_many_requests', 'API Rate limit exceeded.');
        answer = act(method, url.pathname, url.searchParams, parseBody(text));
        if (method !== 'GET') await save();
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer = {
        status: error.status,
        body: { id: error.id, message: error.message, request_id: requestId },
        headers: error.headers,
      };
    }
    requests.push({
      method,
      path: url.pathname,
      query: url.search,
      status: answer.status,
      time: new Date(now()).toISOString(),
    });
    if (requests.length > REQUESTS_KEPT) requests.shift();
    if (fault?.dropAfterActing) req.socket.destroy();
    else send(res, answer, headers);
  }

  const server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://sandbox');
    const answering = url.pathname.startsWith('/_sandbox/')
      ? (async () => {
          const body = parseBody(await readBody(req));
          const restore = () => {
            state = freshState(account());
          };
          const answer = administer({ method: req.method ?? 'GET', url, body, faults, requests, state, restore });
          await save();
          send(res, answer, {});
        })()
      : answerApi(req, res, url);
    answering.catch((error) => {
      const refused =
        error instanceof Refusal ? error : new Refusal(500, 'server_error', String(error?.stack ?? error));
      if (res.headersSent) res.destroy();
      else send(res, { status: refused.status, body: { id: refused.id, message: refused.message } }, {});
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  origin = `http://${host}:${port}`;
  return {
    url: origin,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readBody(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) req.destroy();
      else chunks.push(chunk);
    });
    req.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    req.on('error', reject);
  });
}

function parseBody(text: string): WireObject {
  if (text === '') return {};
  try {
    return JSON.parse(text) as WireObject;
  } catch {
    throw badRequest('The request body is not valid JSON.');
  }
}

function faultAnswer({ status, body, retryAfter }: Fault): Answer {
  const headers: Record<string, string> = retryAfter === null ? {} : { 'retry-after': String(retryAfter) };
  if (body !== null) return { status: status ?? 200, text: body, headers };
  const id = status === 429 ? 'too_many_requests' : (status ?? 0) >= 500 ? 'server_error' : 'bad_request';
  return { status: status as number, body: { id, message: 'A fault that was asked for.' }, headers };
}

function send(
  res: ServerResponse,
  { status, body, text, headers: own }: Answer,
  headers: Record<string, string>,
): void {
  const content = text ?? (body === undefined ? null : JSON.stringify(body));
  const type = text === undefined ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8';
  res.writeHead(status, { ...headers, ...(content === null ? {} : { 'content-type': type }), ...own });
  res.end(content ?? undefined);
}
