import { ProviderError } from '../../errors.js';

/** For deletes: what is not there need not be deleted. */
export async function absentIsDone(deleting: Promise<void>): Promise<void> {
  try {
    await deleting;
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** Whether the provider says that there is no such thing. */
export function isAbsent(error: unknown): boolean {
  return error instanceof ProviderError && error.failure.status === 404;
}
