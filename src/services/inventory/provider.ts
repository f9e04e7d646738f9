import { rawSql } from '../../database/sql.js';

/** The one provider, as `provider` columns store it. */
export const PROVIDER = 'digitalocean';
/** The same as a literal of a statement. */
export const PROVIDER_SQL = rawSql(`'${PROVIDER}'`);
