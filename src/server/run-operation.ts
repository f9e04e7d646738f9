import type { ExecutionResult } from 'graphql';
import type { Execute, Execution } from './jit-executor.js';
import type { CheckedOperation } from './limits.js';

/** An operation that passed its check. */
export type OperationRequest = Execution & CheckedOperation;

/** Runs a query or mutation. */
export type RunOperation = (request: OperationRequest) => Promise<ExecutionResult>;

export function createRunner(execute: Execute): RunOperation {
  return (request) => execute(request);
}
