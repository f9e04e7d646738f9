import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface SocketAnswer {
  /** Of `next`, or null. */
  readonly data: any;
  /** Of `next` or of `error`. */
  readonly errors: { message: string; extensions: Record<string, any> }[];
  /** The socket was closed instead. */
  readonly closed: { code: number; reason: string } | null;
}

/** Sends one operation on a socket of its own and resolves with the first answer to it. */
export async function askSocket(url: string, token: string, payload: object): Promise<SocketAnswer> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const answer = new Promise<SocketAnswer>((resolve) => {
    socket.on('message', (message) => {
      const { type, payload: answered } = JSON.parse(String(message)) as { type: string; payload: any };
      if (type === 'connection_ack') socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
      if (type === 'next') resolve({ data: answered.data, errors: answered.errors ?? [], closed: null });
      if (type === 'error') resolve({ data: null, errors: answered, closed: null });
      if (type === 'complete') resolve({ data: null, errors: [], closed: null });
    });
    socket.on('close', (code, reason) =>
      resolve({ data: null, errors: [], closed: { code, reason: reason.toString() } }),
    );
  });
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  try {
    return await answer;
  } finally {
    socket.terminate();
  }
}
