import 'reflect-metadata';
import { type ColumnType, DataSource } from 'typeorm';
import { entities } from '../entities/all.js';
import { migrations } from '../migrations/all.js';
import { SnakeNamingStrategy } from './naming-strategy.js';
import { type ConnectionLimits, watchedClient } from './watched-client.js';

export interface DataSourceOptions {
  readonly url: string;
  /** Connections at most. */
  readonly poolSize?: number;
  readonly limits?: ConnectionLimits;
  /** Compares every row with its shape; for tests. */
  readonly checkRows?: boolean;
}

/** The program's own schema. Connects on `initialize()`; migrations run only where `migrate` is called. */
export function createDataSource({ url, poolSize = 10, limits, checkRows = false }: DataSourceOptions): DataSource {
  const db = new DataSource({
    type: 'postgres',
    url,
    entities,
    migrations,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeNamingStrategy(),
    installExtensions: false,
    uuidExtension: 'pgcrypto',
    poolSize,
    applicationName: 'arcadia-cloud',
    extra: { Client: watchedClient(limits), checkRows },
  });
  // Transaction ids, read as text: TypeORM knows no such type.
  db.driver.supportedDataTypes.push('xid8' as ColumnType);
  return db;
}
