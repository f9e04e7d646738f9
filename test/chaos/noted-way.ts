import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import type { Sandbox } from '../../src/sandbox/server.js';

/** A way to the sandbox on which what is asked with one token is noted. */
export interface NotedWay {
  readonly url: string;
  /** The first line of each request, in order. */
  asked(): readonly string[];
  close(): Promise<void>;
}

export async function notedWay(sandbox: Sandbox, token: string): Promise<NotedWay> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(sandbox.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      if (text.includes(`Bearer ${token}`)) asked.push(text.slice(0, text.indexOf('\r\n')));
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(chunk));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
