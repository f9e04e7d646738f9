import type { Config } from '../config.js';
import { ConfigError } from '../errors.js';

/** Throws ConfigError if this process would take a sandbox for the provider although it is production. */
export function checkProvider({ production, digitalOcean, sandbox }: Config): void {
  if (!production || digitalOcean.tokens !== null || sandbox.allowInProduction) return;
  throw new ConfigError(
    'DO_API_TOKEN is not set; production takes a token. SANDBOX_IN_PRODUCTION=allow serves a sample account instead.',
  );
}
