import { z } from 'zod';
import { route } from './route.js';
import type { CallOptions, Transport } from './transport.js';

const Metrics = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(
      z.object({
        values: z.array(z.tuple([z.int(), z.string().regex(/^\d+(\.\d+)?(e[+-]?\d+)?$/i)])),
      }),
    ),
  }),
});

export function createMonitoring(transport: Transport) {
  return {
    /** What a droplet sent to the public network: epoch seconds and megabits per second, from `start` to `end` in epoch seconds. */
    async outboundBandwidth(
      dropletId: string,
      { start, end }: { readonly start: number; readonly end: number },
      { signal }: CallOptions = {},
    ): Promise<[number, string][]> {
      const query = { host_id: dropletId, interface: 'public', direction: 'outbound', start, end };
      const call = { method: 'GET', route: route`/v2/monitoring/metrics/droplet/bandwidth`, query, signal } as const;
      const { data } = await transport.json(call, Metrics);
      return data.result.flatMap(({ values }) => values);
    },
  };
}
