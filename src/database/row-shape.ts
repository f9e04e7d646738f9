import { getMetadataArgsStorage } from 'typeorm';
import { snakeCase } from 'typeorm/util/StringUtils.js';
import { z } from 'zod';
import { rawSql, type Sql } from './sql.js';

/** What one row of a statement looks like. */
export interface RowShape<Row> {
  /** Made when it is first asked for: only tests compare rows with it. */
  schema(): z.ZodObject;
  /** For the compiler alone. */
  readonly row?: Row;
}

/** Rows of one entity, or of some of its columns. */
export interface EntityShape<Row> extends RowShape<Row> {
  /** The select list, `alias.first_seen_at as "firstSeenAt", …`; each name begins with `prefix` if there is one. */
  columns(alias: string, prefix?: string): Sql;
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
  const known = entityColumns(entity);
  const chosen = (columns ?? [...known.keys()]).map((property) => {
    const column = known.get(property);
    if (!column) throw new TypeError(`${entity.name} has no column ${property}`);
    return column;
  });
  return {
    ...shapeOf<object>(() =>
      z.strictObject(Object.fromEntries(chosen.map(({ property, schema }) => [property, schema]))),
    ),
    columns: (alias, prefix = '') => rawSql(chosen.map((column) => column.select(alias, prefix)).join(', ')),
  };
}

/** A row whose instants are texts, as `Reads.printed` answers it. */
export type Printed<Row> = {
  [Column in keyof Row]: Row[Column] extends Date
    ? string
    : Row[Column] extends Date | null
      ? string | null
      : Row[Column];
};

/** The shape of the same columns read through `Reads.printed`. */
export function printedRow<Row>(shape: EntityShape<Row>): EntityShape<Printed<Row>> {
  return { ...shapeOf<Printed<Row>>(() => shape.schema()), columns: shape.columns };
}

/** A row of `base` beside one that a left join found, whose columns begin with `prefix` and are null if there is none. */
export function joinedRow<Row, Joined, Prefix extends string>(
  base: RowShape<Row>,
  joined: RowShape<Joined>,
  prefix: Prefix,
): RowShape<Row & { [Column in keyof Joined & string as `${Prefix}${Column}`]: Joined[Column] | null }> {
  return shapeOf(() => {
    const columns = Object.entries<z.ZodType>(joined.schema().shape);
    return base.schema().extend(Object.fromEntries(columns.map(([name, type]) => [prefix + name, type.nullable()])));
  });
}

/** A row that no entity describes: sums, counts, joins. */
export function rowShape<Shape extends z.ZodRawShape>(shape: Shape): RowShape<z.infer<z.ZodObject<Shape>>> {
  return shapeOf(() => z.strictObject(shape));
}

/** The rows of `base` with what the statement computes beside them. */
export function rowWith<Row, Extra extends z.ZodRawShape>(
  base: RowShape<Row>,
  extra: Extra,
): RowShape<Row & z.infer<z.ZodObject<Extra>>> {
  return shapeOf(() => base.schema().extend(extra));
}

function shapeOf<Row>(build: () => z.ZodObject): RowShape<Row> {
  let built: z.ZodObject | null = null;
  return {
    schema() {
      built ??= build();
      return built;
    },
  };
}

interface EntityColumn {
  readonly property: string;
  readonly schema: z.ZodType;
  select(alias: string, prefix: string): string;
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

/** By property. Decorators say all there is to know when the entity's module is loaded. */
const columnsByEntity = new WeakMap<EntityClass<object>, ReadonlyMap<string, EntityColumn>>();

function entityColumns(entity: EntityClass<object>): ReadonlyMap<string, EntityColumn> {
  const known = columnsByEntity.get(entity);
  if (known) return known;
  const own = getMetadataArgsStorage().columns.filter(({ target }) => target === entity);
  const columns = new Map(
    own.map(({ propertyName, options }): [string, EntityColumn] => {
      const type = String(options.type);
      const single = SCHEMA_BY_TYPE[type];
      if (!single) throw new TypeError(`${entity.name}.${propertyName}: no row schema for the column type ${type}`);
      const listed = options.array ? z.array(single) : single;
      const column = options.name ?? snakeCase(propertyName);
      const cast = READ_AS_TEXT.has(type) ? '::text' : '';
      const schema = options.nullable ? listed.nullable() : listed;
      const select = (alias: string, prefix: string) => `${alias}.${column}${cast} as "${prefix}${propertyName}"`;
      return [propertyName, { property: propertyName, schema, select }];
    }),
  );
  columnsByEntity.set(entity, columns);
  return columns;
}
