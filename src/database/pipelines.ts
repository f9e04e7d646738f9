import type { Writable } from 'node:stream';
import pg from 'pg';
import { type ConnectionLimits, watchedClient } from './watched-client.js';

/** Statements ahead of which another connection is taken instead, so that few wait behind a slow one. */
const DEPTH = 4;

/** One connection on which a statement is sent before the one ahead of it has been answered. */
interface Pipeline {
  readonly client: pg.Client;
  /** Statements that are not answered yet. */
  waiting: number;
  /** Whether what is sent now leaves together, at the end of this turn of the event loop. */
  isBatching: boolean;
  /** Why it is of no use any more. */
  lost: Error | null;
}

export interface Pipelines {
  query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Row>>;
  /** Waits for what was sent. */
  end(): Promise<void>;
}

/**
 * A few connections that each have several statements under way: a round trip is no longer a wait of its own, and what
 * many requests ask for at once is one write. A statement goes to a connection with few ahead of it, else to a new one while
 * there are fewer than `max`, else to the one with the fewest.
 * A connection that is lost is made anew; what was sent on it is sent once more, so that only what reads may be sent here.
 * So is a statement that relied on an earlier one to prepare it, if that one failed: pg sends the text of a prepared
 * statement with its first use alone, before it knows whether the server accepts it.
 */
export function createPipelines(
  { max, ...config }: pg.ClientConfig & { readonly max: number },
  onError: (error: Error) => void,
  limits?: ConnectionLimits,
): Pipelines {
  const Client = watchedClient(limits);
  const open = new Set<Pipeline>();
  let isEnding = false;

  function connect(): Pipeline {
    const client = new Client({ ...config, pipeline: true } as pg.ClientConfig);
    const pipeline: Pipeline = { client, waiting: 0, isBatching: false, lost: null };
    const lose = (error: Error) => {
      pipeline.lost ??= error;
      open.delete(pipeline);
    };
    open.add(pipeline);
    client.on('error', (error) => {
      lose(error);
      onError(error);
    });
    client.on('end', () => lose(new Error('the connection was closed')));
    client.connect().catch(lose); // what waits for it tells
    return pipeline;
  }

  function choose(): Pipeline {
    let least: Pipeline | null = null;
    for (const pipeline of open) {
      if (pipeline.waiting < DEPTH) return pipeline;
      if (least === null || pipeline.waiting < least.waiting) least = pipeline;
    }
    return least === null || open.size < max ? connect() : least;
  }

  async function send<Row extends pg.QueryResultRow>(
    query: pg.QueryConfig,
    isRepeat: boolean,
  ): Promise<pg.QueryResult<Row>> {
    if (isEnding) throw new Error('the reads of this process have ended');
    const pipeline = choose();
    pipeline.waiting += 1;
    batchWrites(pipeline);
    try {
      return await pipeline.client.query<Row>(query);
    } catch (error) {
      if (isConnectionLoss(error)) {
        pipeline.lost ??= error;
        open.delete(pipeline);
      }
      if (pipeline.lost === null) {
        if (!isUnpreparedStatement(error)) throw error;
        // Without a name it depends on no other statement.
        return await send({ ...query, name: undefined }, isRepeat);
      }
      if (isRepeat) throw pipeline.lost;
    } finally {
      pipeline.waiting -= 1;
    }
    return send(query, true);
  }

  return {
    query: (query) => send(query, false),
    async end() {
      isEnding = true;
      await Promise.all([...open].map(({ client }) => client.end()));
    },
  };
}

/** The server does not know the name of the statement, so it executed nothing. */
function isUnpreparedStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '26000';
}

/** Each statement would be a system call of its own, which is a sixth of what a short query costs this process. */
function batchWrites(pipeline: Pipeline): void {
  if (pipeline.isBatching) return;
  pipeline.isBatching = true;
  const { stream } = (pipeline.client as unknown as { connection: { stream: Writable } }).connection;
  stream.cork();
  setImmediate(() => {
    pipeline.isBatching = false;
    stream.uncork();
  });
}

/** The connection is gone, or the server is ending it: told to, crashed, or not started yet. */
function isConnectionLoss(error: unknown): error is Error {
  if (error instanceof pg.DatabaseError) return ['57P01', '57P02', '57P03'].includes(error.code ?? '');
  if (!(error instanceof Error)) return false;
  return (
    'syscall' in error ||
    /^(Connection terminated|timeout expired|Client (was closed|has encountered))/.test(error.message)
  );
}
