import {
  decodeCursor,
  encodeCursor,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../../paging/keyset.js';
import type { ResourceAnomaly } from './cost-anomalies.js';

/** A page of what was found, the largest change first; by key, so that it stays right while cost lines come and go. */
export function pageAnomalies<Row extends Pick<ResourceAnomaly, 'changeCents' | 'resourceId'>>(
  found: readonly Row[],
  request: PageRequest,
): Page<Row> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [(part) => /^\d{1,16}$/.test(part), isUuid]);
  const rest = after
    ? found.filter((one) => {
        const [change, seen] = [Math.abs(one.changeCents), Number(after[0])];
        return change < seen || (change === seen && one.resourceId > (after[1] as string));
      })
    : found;
  const cursorOf = (one: Row) => encodeCursor([String(Math.abs(one.changeCents)), one.resourceId]);
  return toPage(request, rest.slice(0, limit), cursorOf, found.length);
}
