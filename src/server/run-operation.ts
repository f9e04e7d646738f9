import { type ExecutionResult, GraphQLError } from 'graphql';
import { OperationTimeoutError } from '../errors.js';
import { OperationBudget } from '../resolvers/operation-budget.js';
import { contextWithin, type RequestContext } from '../resolvers/request-context.js';
import { toGraphQLError } from './errors.js';
import type { FairQueue, Leave } from './fair-queue.js';
import type { Execute, Execution } from './jit-executor.js';
import type { CheckedOperation } from './limits.js';

/** An operation that passed its check. */
export type OperationRequest = Execution & CheckedOperation;

export interface OperationRunner {
  /** Runs a query or mutation once its tenant has room; never rejects. */
  run(request: OperationRequest): Promise<ExecutionResult>;
  /** Runs `work` for one event of a subscription, which waits however many others do: an event is not dropped. */
  runEvent(
    request: OperationRequest,
    work: (context: RequestContext) => Promise<ExecutionResult>,
  ): Promise<ExecutionResult>;
}

export interface OperationQueues {
  /** Every operation, counted at its cost. */
  readonly operations: FairQueue;
  /** Mutations, which also hold a connection of a small pool, counted as one each. */
  readonly mutations: FairQueue;
}

/**
 * Each operation waits for its tenant's turn and then has a budget of values and time. One that uses it up is answered
 * at once; its place is free again when its execution has really ended.
 */
export function createRunner(
  execute: Execute,
  { operations, mutations }: OperationQueues,
  timeoutMs: number,
): OperationRunner {
  const after = (request: OperationRequest, budget: OperationBudget) =>
    setTimeout(() => budget.abort(new OperationTimeoutError(request.operation.operation, timeoutMs)), timeoutMs);

  const budgetOf = ({ context: { viewer } }: OperationRequest) =>
    new OperationBudget(() => operations.hasOthersThan(viewer.tenantId));

  /** Waits for the operation's places. Null: it was aborted while it waited. */
  async function enter(request: OperationRequest, budget: OperationBudget): Promise<Leave | null> {
    const { operation, cost, context } = request;
    const { tenantId } = context.viewer;
    const onWait = (giveUp: () => void) => budget.onAbort(giveUp);
    if (operation.operation !== 'mutation') return operations.enter(tenantId, cost, onWait);
    const leaveMutations = await mutations.enter(tenantId, 1, onWait);
    if (leaveMutations === null) return null;
    const leave = await operations.enter(tenantId, cost, onWait).catch((error) => {
      leaveMutations();
      throw error;
    });
    if (leave === null) leaveMutations();
    return (
      leave &&
      (() => {
        leave();
        leaveMutations();
      })
    );
  }

  return {
    async run(request) {
      const budget = budgetOf(request);
      const late = after(request, budget);
      try {
        const leave = await enter(request, budget);
        if (leave === null) return rejected(budget.aborted);
        const executed = execute({ ...request, context: contextWithin(request.context, budget) });
        return await answerOf(executed.finally(leave), budget);
      } catch (error) {
        return rejected(budget.aborted ?? error);
      } finally {
        clearTimeout(late);
      }
    },

    async runEvent(request, work) {
      const budget = budgetOf(request);
      const leave = await operations.enterAlways(request.context.viewer.tenantId, request.cost);
      const late = after(request, budget);
      try {
        return await answerOf(work(contextWithin(request.context, budget)).finally(leave), budget);
      } catch (error) {
        return rejected(budget.aborted ?? error);
      } finally {
        clearTimeout(late);
      }
    },
  };
}

/** What the execution comes to, or why it was aborted, whichever is first. */
async function answerOf(executed: Promise<ExecutionResult>, budget: OperationBudget): Promise<ExecutionResult> {
  const aborted = new Promise<void>((resolve) => budget.onAbort(() => resolve()));
  const result = await Promise.race([executed, aborted]);
  return result && !budget.aborted ? result : rejected(budget.aborted);
}

function rejected(error: unknown): ExecutionResult {
  const shown = toGraphQLError(error);
  if (shown instanceof GraphQLError) return { errors: [shown] };
  return { errors: [new GraphQLError('internal', { originalError: error instanceof Error ? error : null })] };
}
