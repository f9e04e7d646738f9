import { ProviderError } from '../errors.js';

/** The provider says that there is no such thing. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ProviderError && error.failure.status === 404;
}

/** The provider said no, and so has done nothing; silence and 5xx say neither. */
export function isClientError(error: unknown): boolean {
  const status = error instanceof ProviderError ? error.failure.status : null;
  return status !== null && status >= 400 && status < 500;
}

/** Another action is under way on the same droplet, or it is already as we want it and does not show that yet. */
export function isActionInProgress(error: unknown): boolean {
  if (!(error instanceof ProviderError) || error.failure.status !== 422) return false;
  return /pending event|already powered|must be powered off/i.test(error.failure.providerMessage ?? '');
}

/** What is there, or null where the provider says that there is no such thing. */
export async function nullIfNotFound<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
