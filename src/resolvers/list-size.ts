import type { GraphQLField } from 'graphql';
import { Extensions } from 'type-graphql';

/** How many items a list without `first` is expected to hold: what a query that selects it is priced by. */
export function ListSize(items: number): MethodDecorator & PropertyDecorator {
  return Extensions({ listSize: items });
}

/** Of a report over all tenants: one tenant's operators run at most five at once (see QUEUE_LIMITS of the server). */
export const REPORT_PRICE = 5_000;

/** What a field costs beyond its selection, in fields of an answer: for reports that read many rows to answer few. */
export function BasePrice(fields: number): MethodDecorator & PropertyDecorator {
  return Extensions({ basePrice: fields });
}

/** Null: the field declares none. */
export function listSizeOf(field: Pick<GraphQLField<unknown, unknown>, 'extensions'>): number | null {
  const size = field.extensions['listSize'];
  return typeof size === 'number' ? size : null;
}

export function basePriceOf(field: Pick<GraphQLField<unknown, unknown>, 'extensions'>): number {
  const price = field.extensions['basePrice'];
  return typeof price === 'number' ? price : 0;
}
