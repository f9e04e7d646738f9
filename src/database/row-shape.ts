import { getMetadataArgsStorage } from 'typeorm';
import { snakeCase } from 'typeorm/util/StringUtils.js';
import { z } from 'zod';
import { rawSql, type Sql } from './sql.js';

/** What one row of a statement looks like. Its `schema` is compared with real rows in tests only. */
export interface RowShape<Row> {
  readonly schema: z.ZodObject & z.ZodType<Row>;
}

/** Rows of one entity, or of some of its columns. */
export interface EntityShape<Row> extends RowShape<Row> {
  /** The select list, `alias.first_seen_at as "firstSeenAt", …`, in the order in which the columns were named. */
  columns(alias: string): Sql;
}

/** The row type of a shape: `type SagaRow = RowOf<typeof SagaRow>`. */
export type RowOf<Shape> = Shape extends RowShape<infer Row> ? Row : never;

type EntityClass<Entity> = new () => Entity;

/** A row of an entity with the named columns, or with all of them. */
export function rowOf<Entity extends object>(entity: EntityClass<Entity>): EntityShape<Entity>;
export function rowOf<Entity extends object, Column extends keyof Entity & string>(
  entity: EntityClass<Entity>,
  columns: readonly Column[],
): EntityShape<Pick<Entity, Column>>;
export function rowOf(entity: EntityClass<object>, columns?: readonly string[]): EntityShape<object> {
  const known = new Map(entityColumns(entity).map((column) => [column.property, column]));
  const chosen = (columns ?? [...known.keys()]).map((property) => {
    const column = known.get(property);
    if (!column) throw new TypeError(`${entity.name} has no column ${property}`);
    return column;
  });
  const schema = z.strictObject(Object.fromEntries(chosen.map((column) => [column.property, column.schema])));
  const byAlias = new Map<string, Sql>();
  return {
    ...typed<object>(schema),
    columns(alias) {
      const list = byAlias.get(alias) ?? rawSql(chosen.map((column) => column.select(alias)).join(', '));
      byAlias.set(alias, list);
      return list;
    },
  };
}

/** A row that no entity describes: sums, counts, joins. */
export function rowShape<Shape extends z.ZodRawShape>(shape: Shape): RowShape<z.infer<z.ZodObject<Shape>>> {
  return typed(z.strictObject(shape));
}

/** The rows of `base` with what the statement computes beside them. */
export function rowWith<Row, Extra extends z.ZodRawShape>(
  base: RowShape<Row>,
  extra: Extra,
): RowShape<Row & z.infer<z.ZodObject<Extra>>> {
  return typed(base.schema.extend(extra));
}

/** zod infers a schema's type where it is built; from here on the row type stands for it. */
function typed<Row>(schema: z.ZodObject): RowShape<Row> {
  return { schema: schema as unknown as RowShape<Row>['schema'] };
}

interface EntityColumn {
  readonly property: string;
  readonly schema: z.ZodType;
  select(alias: string): string;
}

/** What pg answers for each column type. Exact numbers and days stay texts. */
const SCHEMA_BY_TYPE: Readonly<Record<string, z.ZodType>> = {
  text: z.string(),
  uuid: z.string(),
  int: z.int(),
  smallint: z.int(),
  boolean: z.boolean(),
  bigint: z.string(),
  numeric: z.string(),
  xid8: z.string(),
  date: z.string(),
  bytea: z.instanceof(Buffer),
  // A text where a statement's instants are printed as the API shows them.
  timestamptz: z.union([z.date(), z.iso.datetime()]),
  jsonb: z.unknown(),
};

/** pg would make a Date at midnight of this process's time zone of a `date`. */
const READ_AS_TEXT: ReadonlySet<string> = new Set(['date']);

function entityColumns(entity: EntityClass<object>): EntityColumn[] {
  return getMetadataArgsStorage()
    .columns.filter(({ target }) => target === entity)
    .map(({ propertyName, options }) => {
      const type = String(options.type);
      const single = SCHEMA_BY_TYPE[type];
      if (!single) throw new TypeError(`${entity.name}.${propertyName}: no row schema for the column type ${type}`);
      const listed = options.array ? z.array(single) : single;
      const column = options.name ?? snakeCase(propertyName);
      const cast = READ_AS_TEXT.has(type) ? '::text' : '';
      return {
        property: propertyName,
        schema: options.nullable ? listed.nullable() : listed,
        select: (alias) => `${alias}.${column}${cast} as "${propertyName}"`,
      };
    });
}
