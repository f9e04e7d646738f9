import { ArgsType, Field, Int } from 'type-graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../core/lists/paging.js';
import { CursorScalar } from './scalars.js';

/** `first` from 1 to 200, which the service checks; null is the default. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, {
    defaultValue: DEFAULT_PAGE_SIZE,
    nullable: true,
    description: `How many rows to return: 1 to ${MAX_PAGE_SIZE}, ${DEFAULT_PAGE_SIZE} if null.`,
  })
  first: number | null;

  @Field(() => CursorScalar, {
    nullable: true,
    description:
      'Returns the rows after this cursor, usually the `pageInfo.endCursor` of the page before. Null: the first page.',
  })
  after?: string;
}
