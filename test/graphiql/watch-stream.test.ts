import { describe, expect, it, jest } from '@jest/globals';
import { explain, type Shown, watchStream } from '../../graphiql/watch-stream.js';

type Sink = Parameters<Parameters<typeof watchStream>[0]>[0];

describe('a stream in the response pane', () => {
  it('shows its events newest first and counts them', () => {
    jest.useFakeTimers();
    const { sink, last } = watch();
    sink.next({ data: { n: 1 } });
    sink.next({ data: { n: 2 } });
    jest.runAllTimers();
    expect(last()).toEqual({ stream: 'live, 2 events, newest first', events: [{ n: 2 }, { n: 1 }] });
    jest.useRealTimers();
  });

  it('keeps the newest hundred of a long one, and draws no more often than ten times a second', () => {
    jest.useFakeTimers();
    const { sink, shown, last } = watch();
    for (let n = 1; n <= 5_000; n++) sink.next({ data: { n } });
    jest.advanceTimersByTime(100);
    expect(shown).toHaveLength(2);
    expect(last()?.events).toHaveLength(100);
    expect(last()?.events[0]).toEqual({ n: 5_000 });
    jest.useRealTimers();
  });

  it('says that the server completed it, and that you stopped it', () => {
    const completed = watch();
    completed.sink.next({ data: { n: 1 } });
    completed.sink.complete();
    expect(completed.last()).toEqual({ stream: 'completed by the server (1 event)', events: [{ n: 1 }] });

    const stopped = watch();
    stopped.subscription.unsubscribe();
    stopped.sink.complete(); // what the socket says to that
    expect(stopped.last()).toEqual({ stream: 'stopped by you (0 events)', events: [] });
    expect(stopped.closed()).toBe(true);
  });

  it('keeps what it had when it ends badly', () => {
    const { sink, last } = watch();
    sink.next({ data: { n: 1 } });
    sink.error({ code: 4403, reason: 'Token expired' });
    expect(last()).toEqual({
      stream:
        'ended: 4403 Token expired: forbidden, or the token has expired: set a fresh one in the bar above, then run it again (1 event)',
      events: [{ n: 1 }],
    });
  });

  it.each([
    [{ code: 4401, reason: 'Unauthorized' }, /^4401 Unauthorized: no token, or one that the server does not accept/],
    [{ code: 4429, reason: '' }, /^4429: too many/],
    [{ code: 4999, reason: 'Odd' }, /^4999 Odd$/],
    [[{ message: 'first' }, { message: 'second' }], /^first; second$/],
    [new Error('broken'), /^broken$/],
    [undefined, /^undefined$/],
  ])('explains %j', (error, explanation) => {
    expect(explain(error)).toMatch(explanation);
  });
});

function watch() {
  const shown: Shown[] = [];
  let sink: Sink | undefined;
  let closed = false;
  const stream = watchStream((given) => {
    sink = given;
    return () => {
      closed = true;
    };
  });
  const subscription = stream.subscribe({ next: (now) => shown.push(now), complete: () => undefined });
  return { sink: sink as Sink, shown, last: () => shown.at(-1), subscription, closed: () => closed };
}
