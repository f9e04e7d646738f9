import type { FieldNode, GraphQLResolveInfo } from 'graphql';
import { RESOURCE_COLUMNS, type ResourceAsk } from '../../services/inventory/list-resources.js';
import { selectedFields } from '../connection.js';

/** A document's fields are the same each time that it is executed, so that they are looked at once. */
const asks = new WeakMap<FieldNode, ResourceAsk>();

/** What a query for a connection of resources wants of each; the project is joined rather than loaded. */
export function resourceAsk(info: GraphQLResolveInfo): ResourceAsk {
  const [node] = info.fieldNodes;
  const known = node && info.fieldNodes.length === 1 ? asks.get(node) : undefined;
  if (known) return known;
  const wanted = new Set([...selectedFields(info, ['nodes']), ...selectedFields(info, ['edges', 'node'])]);
  const ask: ResourceAsk = {
    columns: RESOURCE_COLUMNS.filter((column) => wanted.has(column)),
    project: wanted.has('project'),
    totalCount: selectedFields(info, []).has('totalCount'),
  };
  if (node && info.fieldNodes.length === 1) asks.set(node, ask);
  return ask;
}
