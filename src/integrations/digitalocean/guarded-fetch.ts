import { Agent, type Dispatcher, fetch } from 'undici';

/** Says whether a request may be sent now, by throwing where it may not. */
export type SendCheck = () => void;

/** Connections to the provider, shared by every request of one purpose. */
export function createAgent(): Agent {
  return new Agent({
    // Answered by the kernel of a host that is there, so that a connection that is silently lost does not stay for long.
    connect: { timeout: 10_000, keepAlive: true, keepAliveInitialDelay: 10_000 },
  });
}

/**
 * `fetch` that runs `check` before a request is dispatched, and again once it has a connection, right before its first byte
 * is written: between the two a connection is made, during which the process may be stopped for any time. If `check` throws,
 * nothing of the request is written, and fetch rejects with that error or has it as `cause`.
 *
 * `check` must not abort `init.signal` synchronously: undici's fetch asserts that it is not aborted from within its hooks.
 */
export function guardedFetch(agent: Agent, check: SendCheck | undefined): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = request.body === null ? null : await request.text();
    const dispatcher = check ? agent.compose(checkBeforeWrite(check, body)) : agent;
    const { method, headers, redirect, signal } = request;
    check?.();
    const response = await fetch(request.url, {
      method,
      headers: [...headers],
      redirect,
      signal,
      body,
      dispatcher,
    });
    return response as unknown as Response;
  };
}

/** fetch passes a body as a stream that is read later; as a whole it is written together with the headers. */
function checkBeforeWrite(check: SendCheck, body: string | null): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(
      { ...options, body },
      {
        onRequestStart(controller, context) {
          // An error thrown here fails this request alone and leaves its connection usable.
          check();
          handler.onRequestStart?.(controller, context);
        },
        onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
        onResponseStart: (...args) => handler.onResponseStart?.(...args),
        onResponseData: (...args) => handler.onResponseData?.(...args),
        onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
        onResponseError: (...args) => handler.onResponseError?.(...args),
      },
    );
}
