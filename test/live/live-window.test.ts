import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { LiveStream, type StreamSource } from '../../src/services/live/live-stream.js';
import { WindowBudget } from '../../src/services/live/window-budget.js';

interface Row {
  readonly text: string;
}

/** A stream whose rows the test adds, and which counts how often they are read. */
function startStream(budget: WindowBudget) {
  const rows: Row[] = [];
  let listener = () => {};
  const source: StreamSource<Row, number> = {
    topic: 'test',
    head: async () => ({ position: rows.length, isPast: () => false }),
    readAfter: async (position, limit) => ({
      entries: rows.slice(position, position + limit).map((row, n) => ({ position: position + n + 1, row })),
      held: false,
    }),
    compare: (a, b) => a - b,
  };
  const wakes = {
    onWake(_topic: string, onWake: () => void) {
      listener = onWake;
      return () => {
        listener = () => {};
      };
    },
  };
  const stream = new LiveStream(source, wakes, pino({ level: 'silent' }), () => {}, budget);
  return {
    stream,
    add(count: number, bytes: number) {
      for (let n = 0; n < count; n++) rows.push({ text: 'x'.repeat(bytes / 2) });
      listener();
    },
  };
}

async function take(entries: AsyncGenerator<{ position: number }>, count: number): Promise<number[]> {
  const positions: number[] = [];
  while (positions.length < count) positions.push((await entries.next()).value.position);
  return positions;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

it.each([
  ['one stream may hold little', { stream: 10_000, process: 1_000_000 }],
  ['all streams together hold too much', { stream: 1_000_000, process: 10_000 }],
])('subscribers get every entry once, in order, though %s', async (_name, limits) => {
  const budget = new WindowBudget(limits);
  const { stream, add } = startStream(budget);
  const ending = new AbortController();
  const [quick, slow] = [stream.follow(null, ending.signal), stream.follow(0, ending.signal)];
  const first = Promise.all([take(quick, 1), take(slow, 1)]);
  await new Promise(setImmediate);
  add(1, 1_000);
  expect(await first).toEqual([[1], [1]]);
  add(200, 1_000); // 200 kB
  expect(await take(quick, 200)).toEqual(numbers(2, 201));
  expect(budget.isExceededBy(0)).toBe(false); // what was added is not in memory
  add(1_000, 1_000);
  expect(await take(slow, 1_200)).toEqual(numbers(2, 1_201));
  expect(await take(quick, 1_000)).toEqual(numbers(202, 1_201));
  ending.abort();
  await Promise.all([quick.return(), slow.return()]);
});
