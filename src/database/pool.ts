import pg from 'pg';

/**
 * A connection that is lost while it is lent out and nothing is asked on it has nobody to tell, and that would end the
 * process. What is asked on it next fails, and its pool lets go of it.
 */
export function survivesLoss(client: pg.ClientBase): void {
  client.on('error', () => undefined);
}

/** A pool whose connections may be lost at any moment: `onError` is told of those that rest, whoever uses one of the others. */
export function createPool(config: pg.PoolConfig, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({ ...config, keepAlive: true, onConnect: survivesLoss });
  pool.on('error', onError);
  return pool;
}
