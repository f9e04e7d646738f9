import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WireObject } from './account.js';
import { ApiError, badRequest, notFound } from './answers.js';
import { applyDueChanges } from './apply-due-changes.js';
import { routes } from './endpoints/all.js';
import { type Fault, faultAnswer, takeFault } from './faults.js';
import { findRoute } from './router.js';
import type { Running } from './running.js';
import type { Pending } from './state.js';
import { parseJson, type Rendered, readBody, render, send } from './wire.js';

const MAX_LOGGED_REQUESTS = 1_000;

interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly token: string | null;
  readonly outcome: Fault['outcome'];
}

/** Answers a request to the API itself. */
export async function answerApi(running: Running, req: IncomingMessage, res: ServerResponse, url: URL): Promise<void> {
  const requestId = randomUUID();
  const startedAt = performance.now();
  const method = req.method ?? 'GET';
  const token = /^Bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1] ?? null;
  const allowance = running.limits.take(token, running.now());
  const fault = takeFault(running.faults, method, url, running.random);
  let answer: Rendered;
  try {
    const body = await readBody(req);
    if (fault && fault.delayMs > 0) await sleep(fault.delayMs, undefined, { ref: false });
    const instead = fault && faultAnswer(fault);
    if (!instead && allowance.isExhausted) throw new ApiError(429, 'too_many_requests', 'API Rate limit exceeded.');
    answer = instead
      ? render(instead)
      : await act(running, { method, url, body, token, outcome: fault?.outcome ?? null });
  } catch (error) {
    const refusal = toErrorResponse(error, (stack) => running.log({ requestId, error: stack }));
    const { status, id, message, headers } = refusal;
    answer = render({ status, body: { id, message, request_id: requestId }, headers });
  }
  const seen = { method, path: url.pathname, query: url.search, status: answer.status };
  running.requests.push({ ...seen, time: new Date(running.now()).toISOString() });
  if (running.requests.length > MAX_LOGGED_REQUESTS) running.requests.shift();
  running.log({ requestId, ...seen, ms: Math.round(performance.now() - startedAt) });
  if (fault?.dropAfterActing) return void req.socket.destroy();
  const headers = { ...allowance.headers, 'x-request-id': requestId, ...answer.headers };
  send(res, { ...answer, headers });
}

/** Carries the request out. What it changed is kept before this resolves. */
async function act(running: Running, { method, url, body, token, outcome }: ApiRequest): Promise<Rendered> {
  if (token === null) throw new ApiError(401, 'unauthorized', 'Unable to authenticate you');
  const found = findRoute(routes, method, url.pathname);
  if (!found) throw notFound();
  const { state, timeScale } = running;
  const now = running.now();
  applyDueChanges(state, now);
  const answer = render(
    found.route.endpoint({
      params: found.params,
      query: url.searchParams,
      body: readObject(body),
      path: url.pathname,
      state,
      account: state.account,
      now,
      origin: running.origin,
      scaled: (seconds) => seconds * 1000 * timeScale,
      after: (seconds, change) => {
        state.pending.push({ dueAt: now + seconds * 1000 * timeScale, change: withOutcome(change, outcome) });
      },
    }),
  );
  applyDueChanges(state, now);
  if (method !== 'GET') await running.file?.save(state);
  return answer;
}

function withOutcome(change: Pending['change'], outcome: Fault['outcome']): Pending['change'] {
  if (change.do !== 'complete' || outcome === null) return change;
  return { ...change, effect: { kind: outcome === 'stalled' ? 'none' : 'fail' } };
}

function readObject(text: string): WireObject {
  const value = text === '' ? {} : parseJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw badRequest('The request body must be a JSON object.');
  return value as WireObject;
}

/** A mistake of ours is told to the log, and to the client that there was one. */
export function toErrorResponse(error: unknown, tell: (stack: string) => void): ApiError {
  if (error instanceof ApiError) return error;
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return new ApiError(500, 'server_error', 'Server was unable to give you a response.');
}
