import type { Config } from '../config.js';
import { SPACES_ENDPOINT, type SpacesOptions } from '../integrations/spaces/client.js';

/** The sandbox takes any key for its one region with buckets. */
export function sandboxSpaces(sandboxUrl: string): SpacesOptions {
  return {
    regions: [{ region: 'syd1', key: 'sandbox-key', secret: 'sandbox-secret' }],
    endpoint: `${sandboxUrl}/spaces/{region}`,
  };
}

/** The configured regions; without any the sandbox's, if that is the provider. */
export function spacesOptions({ spaces, digitalOcean }: Config, digitalOceanUrl: string): SpacesOptions {
  if (spaces.regions.length === 0 && digitalOcean.tokens === null) return sandboxSpaces(digitalOceanUrl);
  return { regions: spaces.regions, endpoint: spaces.endpoint ?? SPACES_ENDPOINT };
}
