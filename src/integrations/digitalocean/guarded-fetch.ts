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
 * `fetch` that runs `check` when a request is dispatched and again once it has a connection, right before its first byte is
 * written: between the two a connection is made, in which a process may be stopped for any time. If `check` throws, the
 * request is aborted, nothing of it is written, and fetch rejects with what was thrown as its `cause`.
 */
export function guardedFetch(agent: Agent, check: SendCheck | undefined): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = request.body === null ? null : await request.text();
    const dispatcher = check ? agent.compose(checkBeforeSend(check, body)) : agent;
    const { method, headers, redirect, signal } = request;
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

/** fetch hands a body on as a stream that is read later; as a whole it is written together with the headers. */
function checkBeforeSend(check: SendCheck, body: string | null): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    check();
    return dispatch(
      { ...options, body },
      {
        onRequestStart(controller, context) {
          // Handed on first: what it starts, the abort ends.
          handler.onRequestStart?.(controller, context);
          try {
            check();
          } catch (error) {
            controller.abort(error as Error);
          }
        },
        onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
        onResponseStart: (...args) => handler.onResponseStart?.(...args),
        onResponseData: (...args) => handler.onResponseData?.(...args),
        onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
        onResponseError: (...args) => handler.onResponseError?.(...args),
      },
    );
  };
}
