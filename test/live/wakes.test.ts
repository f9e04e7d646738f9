import { describe, expect, it } from '@jest/globals';
import { WakeListeners } from '../../src/services/live/wakes.js';

/** A wire that delivers when it is told to. */
function wire() {
  const sent: string[] = [];
  const errors: unknown[] = [];
  let deliver: (error?: Error) => void = () => {};
  const listeners = new WakeListeners(
    (message) => {
      sent.push(message);
      return new Promise<void>((resolve, reject) => {
        deliver = (error) => (error ? reject(error) : resolve());
      });
    },
    (error) => errors.push(error),
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    listeners,
    sent,
    errors,
    deliver: async (error?: Error) => {
      deliver(error);
      await turn();
    },
  };
}

describe('wakes', () => {
  it('are heard here at once, and what is said while one is under way goes with the next, once each', async () => {
    const { listeners, sent, deliver } = wire();
    const heard: string[] = [];
    listeners.add('b', () => heard.push('b'));
    for (const topic of ['a', 'b', 'c', 'b', 'a']) listeners.wake(topic);
    expect(heard).toEqual(['b', 'b']);
    expect(sent).toEqual(['a']);
    await deliver();
    expect(sent).toEqual(['a', 'b c a']);
    await deliver();
    listeners.wake('d');
    expect(sent).toEqual(['a', 'b c a', 'd']);
  });

  it('reach the listeners of every topic that a message names, and of no other', () => {
    const { listeners } = wire();
    const heard: string[] = [];
    const stop = listeners.add('saga:1', () => heard.push('saga:1'));
    listeners.add('saga:2', () => heard.push('saga:2'));
    listeners.add('sagas', () => heard.push('sagas'));
    listeners.hear('sagas saga:1 sync');
    stop();
    listeners.hear('saga:1');
    expect(heard).toEqual(['sagas', 'saga:1']);
    listeners.hearAll();
    expect(heard).toEqual(['sagas', 'saga:1', 'saga:2', 'sagas']);
  });

  it('never make a message longer than a notification may be, and lose none', async () => {
    const { listeners, sent, deliver } = wire();
    const topics = Array.from({ length: 500 }, (_, n) => `saga:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
    for (const topic of topics) listeners.wake(topic);
    while (sent.join(' ').split(' ').length < topics.length) await deliver();
    expect(Math.max(...sent.map((message) => message.length))).toBeLessThan(8_000);
    expect(sent.join(' ').split(' ')).toEqual(topics);
  });

  it('go on after one that could not be sent', async () => {
    const { listeners, sent, errors, deliver } = wire();
    listeners.wake('a');
    listeners.wake('b');
    await deliver(new Error('away'));
    expect(errors).toMatchObject([{ message: 'away' }]);
    expect(sent).toEqual(['a', 'b']);
  });
});
