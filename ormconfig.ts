import { createDataSource } from './src/database/data-source.js';

/** For TypeORM's command line alone; the program builds its own in `src/app.ts`. */
export default createDataSource({ url: process.env['DATABASE_URL'] ?? 'postgres://localhost/arcadia' });
