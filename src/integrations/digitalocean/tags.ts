import { ignoreNotFound, isNotFound } from './not-found.js';
import { route } from './route.js';
import type { CallOptions, Transport } from './transport.js';

export function createTags(transport: Transport) {
  async function attach(dropletId: string, tag: string, signal?: AbortSignal) {
    const where = route`/v2/tags/${tag}/resources`;
    // A droplet bears a tag or does not: attaching it again changes nothing.
    await transport.done({ method: 'POST', route: where, body: members(dropletId), idempotent: true, signal });
  }

  return {
    /** Makes the tag where there is none yet. */
    async tagDroplet(dropletId: string, tag: string, { signal }: CallOptions = {}): Promise<void> {
      try {
        await attach(dropletId, tag, signal);
      } catch (error) {
        if (!isNotFound(error)) throw error;
        await transport.done({ method: 'POST', route: route`/v2/tags`, body: { name: tag }, idempotent: true, signal });
        await attach(dropletId, tag, signal);
      }
    },

    /** A tag or droplet that is gone is success. */
    async untagDroplet(dropletId: string, tag: string, { signal }: CallOptions = {}): Promise<void> {
      const call = { method: 'DELETE', route: route`/v2/tags/${tag}/resources`, body: members(dropletId) } as const;
      await ignoreNotFound(transport.done({ ...call, signal }));
    },
  };
}

function members(dropletId: string) {
  return { resources: [{ resource_id: dropletId, resource_type: 'droplet' }] };
}
