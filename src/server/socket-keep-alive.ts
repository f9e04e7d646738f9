import type { WebSocket } from 'ws';

const INTERVAL_MS = 12_000;

/**
 * Pings the client, and cuts it off if it says nothing until the next ping is due. A client of which nothing is read at
 * present, because it does not read, is its outbox's matter.
 */
export function keepAlive(socket: WebSocket): void {
  let isAlive = true;
  const timer = setInterval(() => {
    if (socket.isPaused) return;
    if (!isAlive) return socket.terminate();
    isAlive = false;
    if (socket.readyState === socket.OPEN) socket.ping();
  }, INTERVAL_MS);
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.on('message', () => {
    isAlive = true;
  });
  socket.once('close', () => clearInterval(timer));
}
