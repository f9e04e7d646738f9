// Writes the types of every gql('…') in the tests. They are not committed: `npm run check` makes them anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { typedDocuments } from './typed-documents.js';

const TARGET = 'test/support/graphql.generated.ts';

writeFileSync(TARGET, await typedDocuments(buildSchema(readFileSync('schema.graphql', 'utf8')), 'test'));
process.stdout.write(`${TARGET} is written\n`);
