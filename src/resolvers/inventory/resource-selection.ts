import type { FieldNode, GraphQLResolveInfo } from 'graphql';
import { RESOURCE_COLUMNS, type ResourceSelection } from '../../services/inventory/list-resources.js';
import { PROJECT_COLUMNS, type ProjectColumn } from '../../services/inventory/project-columns.js';
import { selectedFields } from '../connection.js';

/** A document's fields are the same each time that it is executed, so that they are looked at once. */
const isFieldSelected = new WeakMap<FieldNode, ResourceSelection>();

/** Columns that are no fields themselves, by the field whose resolver reads them. */
const READ_FOR: Readonly<Record<string, string>> = { deploymentId: 'deployment', tenantId: 'tenant' };
const CURSORS = ['edges', 'pageInfo'];

/** What is asked of each node, whichever way it is reached, at a path of fields below it. */
function below(info: GraphQLResolveInfo, path: readonly string[]): ReadonlySet<string> {
  return new Set([...selectedFields(info, ['nodes', ...path]), ...selectedFields(info, ['edges', 'node', ...path])]);
}

function projectColumns(wanted: ReadonlySet<string>): ProjectColumn[] {
  const isRead = (column: ProjectColumn) =>
    column === 'id' ||
    wanted.has(column) ||
    wanted.has(READ_FOR[column] ?? column) ||
    (column.endsWith('Purpose') && wanted.has('purpose'));
  return PROJECT_COLUMNS.filter(isRead);
}

/** What a query for a connection of resources wants of each; the project is joined rather than loaded. */
export function resourceSelection(info: GraphQLResolveInfo): ResourceSelection {
  const [node] = info.fieldNodes;
  const known = node && info.fieldNodes.length === 1 ? isFieldSelected.get(node) : undefined;
  if (known) return known;
  const wanted = below(info, []);
  const selection: ResourceSelection = {
    columns: RESOURCE_COLUMNS.filter((column) => wanted.has(column) || wanted.has(READ_FOR[column] ?? column)),
    projectColumns: wanted.has('project') ? projectColumns(below(info, ['project'])) : null,
    cursors: CURSORS.some((field) => selectedFields(info, []).has(field)),
    totalCount: selectedFields(info, []).has('totalCount'),
  };
  if (node && info.fieldNodes.length === 1) isFieldSelected.set(node, selection);
  return selection;
}
