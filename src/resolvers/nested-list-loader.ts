import { type PageRequest, toPage } from '../services/paging/keyset.js';
import type { NestedCount, NestedList, NestedPage } from '../services/paging/nested-list.js';
import type { PagedList } from '../services/paging/sorted-list.js';
import { byArguments, lazy } from './lazy-loader.js';

/** Reads the lists of all parents of a response together: one statement for each page request, one for the counts. */
export class NestedListLoader<Row> {
  private readonly pagesOf;
  private readonly counts;

  constructor(open: () => NestedList<Row>) {
    this.pagesOf = byArguments((first: number | null, after: string | null) =>
      lazy<string, NestedPage<Row>>(
        (ids) => open().pages(ids, { first, after }),
        (one) => one.parentId,
      ),
    );
    this.counts = lazy<string, NestedCount>(
      (ids) => open().counts(ids),
      (one) => one.parentId,
    );
  }

  listOf(parentId: string): PagedList<Row> {
    return {
      page: async (request: PageRequest) => {
        const found = await this.pagesOf(request.first, request.after ?? null).load(parentId);
        return found?.page ?? toPage<Row>(request, [], () => '');
      },
      count: async () => (await this.counts.load(parentId))?.count ?? 0,
    };
  }
}
