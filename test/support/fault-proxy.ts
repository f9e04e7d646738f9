import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What happens to bytes: passed on; held and passed on at `release` (`freeze`); or swallowed for good in both directions,
 * ends of streams included, without a FIN or RST to anybody (`black-hole`: a lost NAT entry, a host that is gone).
 */
export type LinkMode = 'pass' | 'freeze' | 'black-hole';
/** What a new connection gets: a link in that mode, an end at once, a reset at once, or (`refuse`) no listener at all. */
export type AcceptMode = LinkMode | 'close' | 'reset' | 'refuse';

/** One connection through the proxy. */
export interface Link {
  readonly mode: LinkMode;
  /** Of what was sent; a link that was in a black hole has lost bytes, and only `reset` or `close` make sense of it. */
  freeze(): void;
  release(): void;
  blackHole(): void;
  /** Each chunk arrives so much later, in both directions. */
  delay(ms: number): void;
  /** RST to both ends. */
  reset(): void;
  /** FIN to both ends. */
  close(): void;
  /** FIN to one end alone, which may still send. */
  halfClose(end: 'client' | 'server'): void;
}

/** A TCP proxy in front of one server; every fault is for the links that are open, `accept` for those to come. */
export interface FaultProxy extends Omit<Link, 'mode'> {
  readonly port: number;
  /** `target` with the proxy's host and port in place of its own. */
  readonly url: string;
  /** Open links, oldest first. */
  links(): readonly Link[];
  /** Connections that were accepted so far. */
  accepted(): number;
  /** Resolves once the listener is in that state. */
  accept(mode: AcceptMode): Promise<void>;
  /** A black hole for everything: open links and new ones. */
  vanish(): Promise<void>;
  /** New connections pass again at once and frozen links go on. What is in a black hole stays there. */
  heal(): Promise<void>;
  /** Resets what is open and ends. */
  stop(): Promise<void>;
}

/** Starts a proxy in front of the host and port of `target`, a URL of any scheme. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port: targetPort } = new URL(target);
  const open = new Set<TcpLink>();
  let accepting: AcceptMode = 'pass';
  let delayMs = 0;
  let accepted = 0;
  let server: Server | null = null;
  let port = 0;

  function onConnection(client: Socket): void {
    accepted += 1;
    client.on('error', () => undefined); // shows by its close
    if (accepting === 'reset') return void client.resetAndDestroy();
    if (accepting === 'close' || accepting === 'refuse') return void client.end().destroySoon();
    const link = new TcpLink(client, { host: hostname, port: Number(targetPort) }, accepting);
    link.delay(delayMs);
    open.add(link);
    void link.ended.then(() => open.delete(link));
  }

  async function listen(): Promise<void> {
    if (server) return;
    server = createServer({ allowHalfOpen: true }, onConnection).listen(port, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  }

  async function accept(mode: AcceptMode): Promise<void> {
    accepting = mode;
    if (mode !== 'refuse') return listen();
    // Closes the listener at once; its links live on.
    server?.close();
    server = null;
  }

  await listen();
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  const each = (fault: (link: TcpLink) => void) => {
    for (const link of [...open]) fault(link);
  };
  return {
    port,
    url: url.href,
    links: () => [...open],
    accepted: () => accepted,
    accept,
    async vanish() {
      each((link) => link.blackHole());
      await accept('black-hole');
    },
    async heal() {
      delayMs = 0;
      each((link) => link.delay(0));
      each((link) => link.release());
      await accept('pass');
    },
    freeze: () => each((link) => link.freeze()),
    release: () => each((link) => link.release()),
    blackHole: () => each((link) => link.blackHole()),
    delay(ms) {
      delayMs = ms;
      each((link) => link.delay(ms));
    },
    reset: () => each((link) => link.reset()),
    close: () => each((link) => link.close()),
    halfClose: (end) => each((link) => link.halfClose(end)),
    async stop() {
      await accept('refuse');
      // More than once: what was accepted a moment ago is a link by the next turn.
      while (open.size > 0) {
        each((link) => link.reset());
        await sleep(10);
      }
    },
  };
}

class TcpLink implements Link {
  mode: LinkMode;
  /** Resolves once both ends are gone. */
  readonly ended: Promise<unknown>;
  private readonly server: Socket;
  private readonly flows: readonly Flow[];

  constructor(
    private readonly client: Socket,
    target: { readonly host: string; readonly port: number },
    mode: LinkMode,
  ) {
    this.mode = mode;
    this.server = new Socket({ allowHalfOpen: true });
    this.server.on('error', () => undefined); // shows by its close
    this.flows = [new Flow(client, this.server, this), new Flow(this.server, client, this)];
    const isGone = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));
    const gone = [isGone(client), isGone(this.server)];
    this.ended = Promise.all(gone);
    // An end that is lost takes the other one with it, unless nobody may hear of it.
    for (const [from, to] of [
      [client, this.server],
      [this.server, client],
    ] as const) {
      from.once('close', (hadError) => {
        if (this.mode === 'black-hole') return;
        if (hadError) reset(to);
        else to.destroySoon();
      });
    }
    if (mode === 'black-hole') this.server.destroy();
    else this.server.connect(target);
  }

  freeze(): void {
    if (this.mode === 'pass') this.mode = 'freeze';
  }

  release(): void {
    if (this.mode !== 'freeze') return;
    this.mode = 'pass';
    for (const flow of this.flows) void flow.pump();
  }

  blackHole(): void {
    this.mode = 'black-hole';
    for (const flow of this.flows) flow.swallow();
  }

  delay(ms: number): void {
    for (const flow of this.flows) flow.delayMs = ms;
  }

  reset(): void {
    for (const socket of [this.client, this.server]) reset(socket);
  }

  close(): void {
    this.client.destroySoon();
    this.server.destroySoon();
  }

  halfClose(end: 'client' | 'server'): void {
    (end === 'client' ? this.client : this.server).end();
  }
}

/** Sends RST where the kernel can: not before a connection stands, nor while a FIN is on its way. */
function reset(socket: Socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished;
  // Node emits no 'close' after a reset that failed.
  if (socket.connecting || isEnding) socket.destroy();
  else socket.resetAndDestroy();
}

const MAX_HELD_BYTES = 1_000_000;

/** One direction of a link: what has arrived and is to be passed on, oldest first; null is the end. */
class Flow {
  delayMs = 0;
  private queue: { readonly chunk: Buffer | null; readonly dueMs: number }[] = [];
  private heldBytes = 0;
  private isPumping = false;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly link: { readonly mode: LinkMode },
  ) {
    from.on('data', (chunk) => this.hold(chunk));
    from.on('end', () => this.hold(null));
  }

  /** Drops what is held, and reads on, so that the sender never notices. */
  swallow(): void {
    this.queue = [];
    this.heldBytes = 0;
    this.from.resume();
  }

  private hold(chunk: Buffer | null): void {
    if (this.link.mode === 'black-hole') return;
    this.queue.push({ chunk, dueMs: performance.now() + this.delayMs });
    this.heldBytes += chunk?.length ?? 0;
    if (this.heldBytes > MAX_HELD_BYTES) this.from.pause();
    void this.pump();
  }

  async pump(): Promise<void> {
    if (this.isPumping) return;
    this.isPumping = true;
    for (let next = this.queue[0]; next && this.link.mode === 'pass'; next = this.queue[0]) {
      const waitMs = next.dueMs - performance.now();
      if (waitMs > 0) {
        await sleep(waitMs);
        continue; // the mode may have changed
      }
      this.queue.shift();
      if (next.chunk === null) {
        this.to.end();
        continue;
      }
      this.heldBytes -= next.chunk.length;
      if (this.heldBytes <= MAX_HELD_BYTES) this.from.resume();
      if (!this.to.writable) continue;
      if (this.to.write(next.chunk)) continue;
      const goesOn = Promise.race([once(this.to, 'drain'), once(this.to, 'close')]);
      await goesOn.catch(() => undefined); // the end that failed shows by its close
    }
    this.isPumping = false;
  }
}
