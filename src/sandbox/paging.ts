import type { WireObject } from './account.js';
import { type Answer, ok, unprocessable } from './answers.js';
import type { Call } from './router.js';

/** One page of a collection with its links, as every list answers. */
export function listed(call: Call, key: string, items: readonly unknown[], extra: WireObject = {}): Answer {
  const perPage = whole(call, 'per_page', 20, 200);
  const page = whole(call, 'page', 1, Number.MAX_SAFE_INTEGER);
  const last = Math.max(1, Math.ceil(items.length / perPage));
  const link = (number: number) => {
    const query = new URLSearchParams(call.query);
    query.set('page', String(number));
    return `${call.origin}${call.path}?${query}`;
  };
  const pages: Record<string, string> = {};
  if (page > 1) Object.assign(pages, { first: link(1), prev: link(page - 1) });
  if (page < last) Object.assign(pages, { next: link(page + 1), last: link(last) });
  const start = (page - 1) * perPage;
  return ok({
    [key]: items.slice(start, start + perPage),
    links: Object.keys(pages).length > 0 ? { pages } : {},
    meta: { total: items.length },
    ...extra,
  });
}

function whole(call: Call, name: string, fallback: number, most: number): number {
  const given = call.query.get(name);
  if (given === null || given === '') return fallback;
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw unprocessable(`${name} must be a positive whole number.`);
  return Math.min(value, most);
}
