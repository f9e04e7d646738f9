import { z } from 'zod';
import { unexpectedResponse } from './failures.js';
import { type Route, toRoute } from './route.js';
import { optional } from './schema-parts.js';
import type { CallOptions, Query, Transport } from './transport.js';

const PER_PAGE = 200;
/** Two million items: beyond it, the links do not come to an end. */
const MAX_PAGES = 10_000;

/** One answer of a list. */
export interface Page<T> {
  readonly items: T[];
  /** What `meta.total` said; null where it said nothing. */
  readonly total: number | null;
  /** From 1. */
  readonly page: number;
}

/** Every page of a list to its end, in order. `query` goes with each page. */
export type Pages = <T>(
  path: string | Route,
  key: string,
  schema: z.ZodType<T>,
  query?: Query,
  options?: CallOptions,
) => AsyncIterable<Page<T>>;

export function createPages(transport: Transport): Pages {
  return async function* pages<T>(
    path: string | Route,
    key: string,
    schema: z.ZodType<T>,
    query: Query = {},
    { signal }: CallOptions = {},
  ): AsyncGenerator<Page<T>> {
    const route = toRoute(path);
    const answer = pageOf(key, schema);
    const first: Query = { per_page: PER_PAGE, ...query };
    const requested = new Set<string>();
    let next: Query | null = first;
    for (let page = 1; next !== null; page++) {
      requested.add(JSON.stringify(next));
      const { items, total, nextLink }: Listed<T> = await transport.json(
        { method: 'GET', route, query: next, signal },
        answer,
      );
      yield { items, total, page };
      next = nextLink ? { ...first, ...queryOf(nextLink) } : null;
      if (next !== null && (requested.has(JSON.stringify(next)) || page >= MAX_PAGES)) {
        const seen = { endpoint: `GET ${route.path}`, status: 200, headers: new Headers() };
        throw unexpectedResponse(seen, 'links.pages.next', `page ${page} leads in a circle`);
      }
    }
  };
}

/**
 * The query of a `next` link, and nothing else of it: host and path stay ours, so that the token goes nowhere else.
 * Links like `?page=2?page=3` have been seen; the last value counts.
 */
export function queryOf(link: string): Query {
  const start = link.indexOf('?');
  if (start < 0) return {};
  const text = link
    .slice(start + 1)
    .replace(/#.*$/, '')
    .replaceAll('?', '&');
  return Object.fromEntries(new URLSearchParams(text));
}

const Envelope = z.looseObject({
  links: z.object({ pages: z.object({ next: optional(z.string()) }).nullish() }).nullish(),
  meta: z.object({ total: optional(z.int().nonnegative()) }).nullish(),
});

interface Listed<T> {
  readonly items: T[];
  readonly total: number | null;
  readonly nextLink: string | null;
}

function pageOf<T>(key: string, schema: z.ZodType<T>): z.ZodType<Listed<T>> {
  const rows = z.array(schema).nullable();
  return Envelope.transform((answer, context) => {
    const total = answer.meta?.total ?? null;
    const nextLink = answer.links?.pages?.next || null;
    const listed = rows.safeParse(answer[key]);
    if (listed.success && (listed.data !== null || total === 0)) return { items: listed.data ?? [], total, nextLink };
    // An empty list may be written as null, but a list that should hold something may not.
    const issues = listed.error?.issues ?? [{ path: [], message: 'Invalid input: expected array, received null' }];
    for (const { path, message } of issues) context.addIssue({ code: 'custom', path: [key, ...path], message });
    return z.NEVER;
  });
}
