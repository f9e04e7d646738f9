import { ArgsType, Field, Int } from 'type-graphql';
import { DEFAULT_PAGE_SIZE } from '../core/lists/paging.js';
import { CursorScalar } from './scalars.js';

/** `first` from 1 to 200, which the service checks; null is the default. */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: DEFAULT_PAGE_SIZE, nullable: true })
  first: number | null;

  @Field(() => CursorScalar, { nullable: true })
  after?: string;
}
