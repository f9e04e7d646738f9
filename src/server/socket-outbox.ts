import type { WebSocket } from 'ws';

export const OUTBOX_LIMITS = {
  /** Above it nothing more is read from the socket and nothing is executed for it, until half of it is left. */
  highWaterBytes: 64_000,
  /** One answer may be larger, if nothing else waits. */
  socketBytes: 8_000_000,
  processBytes: 96_000_000,
  /** A message that the client has not taken by then ends its socket. */
  deliveryMs: 15_000,
  /** Operations and events of one socket that are executed, or wait to be taken, at once. */
  producers: 8,
};

/** Messages that wait to be taken; a pong more would say nothing. */
const MAX_PONGS_WAITING = 16;
const CHECK_MS = 1_000;
const TOO_MUCH = 4429;
const UNREAD = 'The client does not read what it asked for; reconnect and resume from the last cursor.';
/** For the closing frame to pass before the connection is cut. */
const CLOSING_MS = 2_000;

/** What waits in this process for clients to take it, over all sockets. */
export class Outboxes {
  private readonly waiting = new Set<SocketOutbox>();
  private readonly timer: NodeJS.Timeout;
  private bytes = 0;

  constructor(readonly limits = OUTBOX_LIMITS) {
    this.timer = setInterval(() => this.endSilent(performance.now()), Math.min(CHECK_MS, limits.deliveryMs / 4));
    this.timer.unref();
  }

  get waitingBytes(): number {
    return this.bytes;
  }

  add(outbox: SocketOutbox, bytes: number): void {
    this.waiting.add(outbox);
    this.bytes += bytes;
    while (this.bytes > this.limits.processBytes) {
      const largest = [...this.waiting].reduce((a, b) => (b.waitingBytes > a.waitingBytes ? b : a));
      largest.cut();
    }
  }

  remove(outbox: SocketOutbox, bytes: number): void {
    this.bytes -= bytes;
    if (outbox.waitingBytes === 0) this.waiting.delete(outbox);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private endSilent(now: number): void {
    for (const outbox of this.waiting) {
      if (now - outbox.oldestSentAt > this.limits.deliveryMs) outbox.end();
    }
  }
}

/**
 * What one client has not taken yet. Producers wait here until there is room, so a client that does not read costs the
 * messages that were on their way and no more; one that reads again is continued, one that does not is ended with 4429.
 */
export class SocketOutbox {
  waitingBytes = 0;
  /** When the messages that wait were sent, oldest first. */
  private readonly sentAt: number[] = [];
  private readonly queue: (() => void)[] = [];
  private producing = 0;
  private ended = false;
  /** Raised once nobody takes anything any more: what is called back after that was forgotten already. */
  private generation = 0;

  constructor(
    private readonly socket: WebSocket,
    private readonly all: Outboxes,
  ) {
    socket.once('close', () => this.letGo());
  }

  get oldestSentAt(): number {
    return this.sentAt[0] ?? Number.POSITIVE_INFINITY;
  }

  /** Resolves once the client, or the network on its behalf, has taken the message; also if the socket is gone. */
  send(text: string): Promise<void> {
    const { socket, all } = this;
    if (this.ended || socket.readyState !== socket.OPEN) return Promise.resolve();
    const message = Buffer.from(text);
    const bytes = message.length;
    if (this.waitingBytes > 0 && this.waitingBytes + bytes > all.limits.socketBytes) {
      this.end();
      return Promise.resolve();
    }
    this.sentAt.push(performance.now());
    this.waitingBytes += bytes;
    all.add(this, bytes);
    if (this.waitingBytes > all.limits.highWaterBytes && !socket.isPaused) socket.pause();
    const { generation } = this;
    return new Promise((resolve) => {
      // In order; with an error if the connection is lost.
      socket.send(message, { binary: false }, () => {
        if (generation !== this.generation) return resolve();
        this.sentAt.shift();
        this.waitingBytes -= bytes;
        all.remove(this, bytes);
        this.admit();
        resolve();
      });
    });
  }

  /** Answers a ping, unless enough is on its way that answers it as well. */
  pong(): void {
    if (this.sentAt.length < MAX_PONGS_WAITING) void this.send('{"type":"pong"}');
  }

  /** Waits for room to produce one message; the producer calls `release` once it is sent. Null: nobody is there. */
  acquire(): Promise<Release | null> {
    return new Promise((resolve) => {
      this.queue.push(() => {
        if (this.ended) return resolve(null);
        this.producing += 1;
        let released = false;
        resolve(() => {
          if (released) return;
          released = true;
          this.producing -= 1;
          this.admit();
        });
      });
      this.admit();
    });
  }

  /** Ends the socket with a code that says why; what waits is thrown away if the client still does not read. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    for (const go of this.queue.splice(0)) go();
    this.socket.resume();
    this.socket.close(TOO_MUCH, UNREAD);
    setTimeout(() => this.socket.terminate(), CLOSING_MS).unref();
  }

  /** Ends it at once, since memory is short. */
  cut(): void {
    this.letGo();
    this.socket.terminate();
  }

  private admit(): void {
    const { highWaterBytes, producers } = this.all.limits;
    const hasRoom = this.waitingBytes <= highWaterBytes / 2;
    if (hasRoom && this.socket.isPaused && !this.ended) this.socket.resume();
    while (this.queue.length > 0 && this.producing < producers && this.waitingBytes <= highWaterBytes) {
      this.queue.shift()?.();
    }
  }

  private letGo(): void {
    const bytes = this.waitingBytes;
    this.ended = true;
    this.generation += 1;
    this.waitingBytes = 0;
    this.sentAt.length = 0;
    this.all.remove(this, bytes);
    for (const go of this.queue.splice(0)) go();
  }
}

export type Release = () => void;
