import { createHash } from 'node:crypto';
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  Kind,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { estimateBytes } from '../core/text/estimate-bytes.js';
import type { RequestContext } from '../resolvers/request-context.js';
import type { PreparedOperation } from './prepare-operation.js';
import type { OperationRunner } from './run-operation.js';
import type { Release, SocketOutbox } from './socket-outbox.js';

type Results = AsyncIterableIterator<ExecutionResult>;

const MAX_RESULT_BYTES = 16_000_000;
/** Of a result that is still to come, and of what holds it. */
const ENTRY_BYTES = 1_000;

/** The result of each event by caller and selection, for subscribers that read it at about the same time. */
const results = new LRUCache<string, Promise<ExecutionResult>>({ maxSize: MAX_RESULT_BYTES });
const numbers = new WeakMap<object, number>();
let count = 0;

/** Names an event or document for as long as it exists. */
function numberOf(thing: object): number {
  const known = numbers.get(thing) ?? ++count;
  numbers.set(thing, known);
  return known;
}

/**
 * graphql-js' `subscribe`, but an event is executed once for all subscribers in this process who ask the same of it with
 * the same rights, however many they are. Each execution has loaders of its own, so that nothing outlives its event.
 * While the subscriber's outbox has no room nothing is read or executed for it.
 */
export async function subscribeShared(
  args: PreparedOperation,
  outbox: Pick<SocketOutbox, 'acquire'>,
  runner: OperationRunner,
): Promise<Results | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in source)) return source;
  const iterator = (source as AsyncIterable<object>)[Symbol.asyncIterator]();
  const key = shareKey(args);
  let release: Release | null = null;
  const end = async (): Promise<IteratorResult<ExecutionResult>> => {
    release?.();
    await iterator.return?.();
    return { value: undefined, done: true };
  };
  const iterable: Results = {
    async next() {
      // graphql-ws calls this after it has sent the result before.
      release?.();
      const { value, done } = await iterator.next();
      if (done) return { value: undefined, done: true };
      release = await outbox.acquire();
      if (release === null) return end();
      return { value: await executeOnce(args, key, value, runner), done: false };
    },
    return: end,
    throw: (error) => end().then(() => Promise.reject(error)),
    [Symbol.asyncIterator]: () => iterable,
  };
  return iterable;
}

function executeOnce(
  args: PreparedOperation,
  shared: string,
  event: object,
  runner: OperationRunner,
): Promise<ExecutionResult> {
  const key = `${numberOf(event)} ${shared}`;
  const known = results.get(key);
  if (known) return known;
  const result = runner.runEvent(args.request, async (contextValue) =>
    execute({ ...args, rootValue: event, contextValue }),
  );
  results.set(key, result, { size: ENTRY_BYTES });
  const keep = (settled: ExecutionResult) => {
    if (results.peek(key) === result) results.set(key, result, { size: ENTRY_BYTES + estimateBytes(settled.data) });
  };
  result.then(keep, () => results.delete(key));
  return result;
}

/** Everything on which an event's result may depend: caller, document and variables, but not where the subscriber began. */
function shareKey({ document, operationName, variableValues, contextValue }: ExecutionArgs): string {
  const { viewer } = contextValue as RequestContext;
  const start = startVariable(document, operationName);
  const variables = start === null ? variableValues : { ...variableValues, [start]: null };
  const shared = JSON.stringify([numberOf(document), operationName, variables, viewer.tenantId, viewer.roles]);
  return createHash('sha256').update(shared).digest('base64url');
}

/**
 * The variable that says where a subscriber begins and nothing else: `after` of the stream itself, used nowhere else in
 * the document. Null: there is none, or the events themselves may depend on it.
 */
function startVariable(document: DocumentNode, operationName: string | null | undefined): string | null {
  const stream = getOperationAST(document, operationName)?.selectionSet.selections[0];
  const after = stream?.kind === Kind.FIELD ? stream.arguments?.find(({ name }) => name.value === 'after') : undefined;
  if (after?.value.kind !== Kind.VARIABLE) return null;
  const name = after.value.name.value;
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable(variable) {
      if (variable.name.value === name) uses += 1;
    },
  });
  return uses === 1 ? name : null;
}
