// Fails if an exported name, an error message or a schema description uses a word that ARCHITECTURE.md's glossary lists under "not".
import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { rejectedPhrases, rejectedUses, type Use, usesInModule } from './rejected-words.js';
import { describedIn } from './schema-descriptions.js';

const say = (line: string) => process.stdout.write(`${line}\n`);

// Migrations are never edited once merged.
const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.startsWith('migrations/'),
);
const inModules = files.flatMap((file) => usesInModule(`src/${file}`, readFileSync(`src/${file}`, 'utf8')));
const inSchema = describedIn(buildSchema(readFileSync('schema.graphql', 'utf8'))).map(
  ({ name, description }): Use => ({ where: `schema.graphql: ${name}`, text: (description ?? '').toLowerCase() }),
);
const found = rejectedUses([...inModules, ...inSchema], rejectedPhrases(readFileSync('ARCHITECTURE.md', 'utf8')));
for (const { where, phrase, text } of found) say(`${where}: "${phrase}" in: ${text}`);
say(
  found.length === 0 ? 'the words of the glossary are used' : `${found.length} uses of words that the glossary rejects`,
);
if (found.length > 0) process.exitCode = 1;
