// Writes schema.graphql, or with --check compares it, and says what of the contract is not emitted yet.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { lexicographicSortSchema, buildSchema as parseSchema, printSchema } from 'graphql';
import { createSchema } from '../src/resolvers/schema.js';
import { compareWithContract } from './contract.js';

const OWN = new URL('../schema.graphql', import.meta.url);
const CONTRACT = new URL('../../shared/contract/schema.graphql', import.meta.url);
const say = (line: string) => process.stdout.write(`${line}\n`);

const schema = lexicographicSortSchema(await createSchema());
const emitted = `${printSchema(schema)}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(OWN, emitted);
  say('schema.graphql is written');
} else if (!existsSync(OWN) || readFileSync(OWN, 'utf8') !== emitted) {
  say('schema.graphql is not what the code emits: run npm run emit-schema and review the difference');
  process.exitCode = 1;
} else {
  say('schema.graphql is up to date');
}

if (!existsSync(CONTRACT)) {
  say('the contract is not beside this checkout, so the schema was not compared with it');
} else {
  const { missing, broken } = compareWithContract(parseSchema(readFileSync(CONTRACT, 'utf8')), schema);
  for (const line of broken) say(`breaks the contract: ${line}`);
  say(
    missing.length === 0
      ? 'the whole contract is emitted'
      : `of the contract ${missing.length} are still missing: ${missing.join(', ')}`,
  );
  if (broken.length > 0) process.exitCode = 1;
}
