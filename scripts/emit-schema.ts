// Writes schema.graphql, or with --check compares it with what the code emits and with the schema of the last release.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { lexicographicSortSchema, buildSchema as parseSchema } from 'graphql';
import { createSchema } from '../src/resolvers/schema.js';
import { pricelessLists } from '../src/server/operation-cost.js';
import { findBreaks } from './schema-breaks.js';

const OWN = new URL('../schema.graphql', import.meta.url);
const RELEASED = new URL('../schema.released.graphql', import.meta.url);
const say = (line: string) => process.stdout.write(`${line}\n`);

const created = await createSchema();
for (const list of pricelessLists(created)) {
  say(`${list} is a list without a price: say with @ListSize how many items to expect, or give it a first`);
  process.exitCode = 1;
}
const schema = lexicographicSortSchema(created);
const emitted = `${printSchemaWithDirectives(schema)}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(OWN, emitted);
  say('schema.graphql is written');
} else if (!existsSync(OWN) || readFileSync(OWN, 'utf8') !== emitted) {
  say('schema.graphql is not what the code emits: run npm run emit-schema and review the difference');
  process.exitCode = 1;
} else {
  say('schema.graphql is up to date');
}

const breaks = await findBreaks(parseSchema(readFileSync(RELEASED, 'utf8')), schema);
for (const line of breaks) say(`breaks clients of the last release: ${line}`);
if (breaks.length > 0) process.exitCode = 1;
else say('clients of the last release keep working');
