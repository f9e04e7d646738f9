import pg from 'pg';
import { type ConnectionLimits, watchedClient } from './watched-client.js';

/** A pool whose connections may be lost at any moment: `onError` is told of those that rest, whoever uses one of the others. */
export function createPool(config: pg.PoolConfig, onError: (error: Error) => void, limits?: ConnectionLimits): pg.Pool {
  const pool = new pg.Pool({ ...config, Client: watchedClient(limits) as unknown as typeof pg.Client });
  pool.on('error', onError);
  return pool;
}
