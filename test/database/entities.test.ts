import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let db: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await createDataSource({ url: database.url }).initialize();
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** As information_schema names them. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'integer',
  timestamptz: 'timestamp with time zone',
  varchar: 'character varying',
};

describe('the entities', () => {
  it('describe every table and column that the migrations make, with type and nullability', async () => {
    const described = db.entityMetadatas.flatMap(({ tableName, columns }) =>
      columns.map((column) => {
        const type = TYPE_NAMES[String(column.type)] ?? String(column.type);
        const listed = column.isArray ? `${type}[]` : type;
        return `${tableName}.${column.databaseName} ${listed}${column.isNullable ? ' null' : ''}`;
      }),
    );
    const rows: { name: string }[] = await db.query(`
      select c.table_name || '.' || c.column_name || ' ' ||
        case when c.data_type = 'ARRAY' then e.data_type || '[]'
          when c.data_type = 'USER-DEFINED' then c.udt_name else c.data_type end ||
        case c.is_nullable when 'YES' then ' null' else '' end as name
      from information_schema.columns c
      join information_schema.tables t using (table_schema, table_name)
      left join information_schema.element_types e on (e.object_schema, e.object_name, e.collection_type_identifier)
        = (c.table_schema, c.table_name, c.dtd_identifier) and e.object_type = 'TABLE'
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name <> 'schema_migrations'`);
    expect(described.sort()).toEqual(rows.map(({ name }) => name).sort());
  });
});
