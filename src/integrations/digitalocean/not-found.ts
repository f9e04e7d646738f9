import { ProviderError } from '../../errors.js';

/** For deletes: what is not there need not be deleted. */
export async function ignoreNotFound(deleting: Promise<void>): Promise<void> {
  try {
    await deleting;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Whether the provider says that there is no such thing. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ProviderError && error.failure.status === 404;
}
