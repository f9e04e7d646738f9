import { ProviderError } from '../errors.js';

/** The provider answered 404. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ProviderError && error.failure.status === 404;
}

/** The provider rejected the request and changed nothing. After no response or a 5xx it may have. */
export function isClientError(error: unknown): boolean {
  const status = error instanceof ProviderError ? error.failure.status : null;
  return status !== null && status >= 400 && status < 500;
}

/** Another action of the droplet is under way, or the droplet is in the wanted state and does not show it yet. */
export function isActionInProgress(error: unknown): boolean {
  if (!(error instanceof ProviderError) || error.failure.status !== 422) return false;
  return /pending event|already powered|must be powered off/i.test(error.failure.providerMessage ?? '');
}

/** The answer, or null if the provider answers 404. */
export async function nullIfNotFound<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
}
