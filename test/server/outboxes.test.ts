import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { WebSocket } from 'ws';
import { OUTBOX_LIMITS, Outboxes, SocketOutbox } from '../../src/server/socket-outbox.js';

/** A client that takes nothing until it is told to. */
class UnreadSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  isPaused = false;
  isTerminated = false;
  private readonly sent: (() => void)[] = [];
  send(_message: Buffer, _options: object, taken: () => void): void {
    this.sent.push(taken);
  }
  take(): void {
    for (const taken of this.sent.splice(0)) taken();
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  close(): void {
    this.readyState = 2;
  }
  terminate(): void {
    this.isTerminated = true;
    this.readyState = 3;
    this.emit('close');
  }
}

describe('what all clients leave unread', () => {
  const outboxes = new Outboxes({ ...OUTBOX_LIMITS, processBytes: 1_000 });
  afterEach(() => outboxes.close());

  it('is bounded: the client with the most is cut off, and the others keep theirs', () => {
    const clients = Array.from({ length: 5 }, () => {
      const socket = new UnreadSocket();
      return { socket, outbox: new SocketOutbox(socket as unknown as WebSocket, outboxes) };
    });
    const sizes = [100, 400, 200, 150, 100];
    for (const [n, { outbox }] of clients.entries()) void outbox.send('x'.repeat(sizes[n] as number));
    expect(outboxes.waitingBytes).toBe(950);
    void clients[0]?.outbox.send('x'.repeat(60));
    expect(clients.map(({ socket }) => socket.isTerminated)).toEqual([false, true, false, false, false]);
    expect(outboxes.waitingBytes).toBe(610);
    for (const { socket } of clients) socket.take();
    expect(outboxes.waitingBytes).toBe(0);
    expect(clients.map(({ outbox }) => outbox.waitingBytes)).toEqual([0, 0, 0, 0, 0]);
  });
});
