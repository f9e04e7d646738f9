import { badRequest, ok } from '../answers.js';
import type { Routes } from '../router.js';

const STEP_SECONDS = 300;

export const monitoring: Routes = {
  /** A steady rate of each droplet, by its id, from when it was made until now. */
  'GET /v2/monitoring/metrics/droplet/bandwidth': ({ account, query, now }) => {
    const id = query.get('host_id') ?? '';
    if (!/^\d+$/.test(id)) throw badRequest('host_id is required');
    if (!['public', 'private'].includes(query.get('interface') ?? ''))
      throw badRequest('interface is public or private');
    if (!['inbound', 'outbound'].includes(query.get('direction') ?? '')) {
      throw badRequest('direction is inbound or outbound');
    }
    const [start, end] = [Number(query.get('start') || Number.NaN), Number(query.get('end') || Number.NaN)];
    if (!Number.isInteger(start) || !Number.isInteger(end) || end < start) {
      throw badRequest('start and end are UNIX timestamps');
    }
    const droplet = account.droplets[id];
    const values: [number, string][] = [];
    if (droplet) {
      const from = Math.max(start, Math.floor(Date.parse(String(droplet['created_at'])) / 1_000));
      const megabits = `0.${1 + (Number(id) % 4)}`;
      for (let at = from; at < Math.min(end, now / 1_000) && values.length < 10_000; at += STEP_SECONDS) {
        values.push([at, megabits]);
      }
    }
    const result = values.length > 0 ? [{ metric: { host_id: id }, values }] : [];
    return ok({ status: 'success', data: { resultType: 'matrix', result } });
  },
};
