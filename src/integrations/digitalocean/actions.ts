import { z } from 'zod';
import { route } from './route.js';
import { Id, optional } from './schema-parts.js';
import type { CallOptions, Transport } from './transport.js';

/** Something that the provider does to a resource over time. */
export const Action = z.object({
  id: Id,
  /** `in-progress`, `completed`, `errored`. */
  status: z.string(),
  type: z.string(),
  started_at: z.string(),
  completed_at: optional(z.string()),
  resource_id: optional(Id),
  resource_type: z.string(),
  region_slug: optional(z.string()),
});
export type Action = z.infer<typeof Action>;

export const ActionAnswer = z.object({ action: Action });

export function createActions(transport: Transport) {
  return {
    async get(id: string, { signal }: CallOptions = {}): Promise<Action> {
      const call = { method: 'GET', route: route`/v2/actions/${id}`, signal } as const;
      return (await transport.json(call, ActionAnswer)).action;
    },
  };
}
