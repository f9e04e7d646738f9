import { type ExecutionResult, GraphQLError } from 'graphql';
import { OperationTimeoutError } from '../errors.js';
import { OperationBudget } from '../resolvers/operation-budget.js';
import { contextWithin, type RequestContext } from '../resolvers/request-context.js';
import { toGraphQLError } from './errors.js';
import type { FairQueue } from './fair-queue.js';
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

/**
 * Each operation waits for its tenant's turn and then has a budget of values and time. One that uses it up is answered
 * at once; its place is free again when its execution has really ended.
 */
export function createRunner(execute: Execute, queue: FairQueue, timeoutMs: number): OperationRunner {
  const after = (request: OperationRequest, budget: OperationBudget) =>
    setTimeout(() => budget.abort(new OperationTimeoutError(request.operation.operation, timeoutMs)), timeoutMs);

  return {
    async run(request) {
      const budget = new OperationBudget(() => queue.hasOthersThan(request.context.viewer.tenantId));
      const late = after(request, budget);
      try {
        const { context, cost } = request;
        const leave = await queue.enter(context.viewer.tenantId, cost, (giveUp) => budget.onAbort(giveUp));
        if (leave === null) return rejected(budget.aborted);
        const executed = execute({ ...request, context: contextWithin(context, budget) });
        return await answerOf(executed.finally(leave), budget);
      } catch (error) {
        return rejected(error);
      } finally {
        clearTimeout(late);
      }
    },

    async runEvent(request, work) {
      const budget = new OperationBudget(() => queue.hasOthersThan(request.context.viewer.tenantId));
      const leave = await queue.enterAlways(request.context.viewer.tenantId, request.cost);
      const late = after(request, budget);
      try {
        return await answerOf(work(contextWithin(request.context, budget)).finally(leave), budget);
      } catch (error) {
        return rejected(error);
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
