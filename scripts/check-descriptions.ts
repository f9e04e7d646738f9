// Fails if a type of schema.graphql, or an argument whose name does not say all, has no description.
import { readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { missingDescriptions } from './schema-descriptions.js';

const missing = missingDescriptions(buildSchema(readFileSync('schema.graphql', 'utf8')));
for (const { name, kind } of missing) process.stdout.write(`schema.graphql: the ${kind} ${name} has no description\n`);
process.stdout.write(
  missing.length === 0 ? 'every type and argument is described\n' : `${missing.length} descriptions are missing\n`,
);
if (missing.length > 0) process.exitCode = 1;
