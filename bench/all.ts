// Every benchmark, one after the other; name some to run those alone: npm run bench -- chokepoint
import { say } from './support.js';

const NAMES = [
  'chokepoint',
  'invoice-ingest',
  'resources-query',
  'sync-stream',
  'metering',
  'llm-usage',
  'rollup',
  'margin',
  'abuse',
  'heavy-operations',
];

const wanted = process.argv.slice(2);
for (const name of wanted.length > 0 ? wanted : NAMES) {
  say(`── ${name}`);
  const { run } = (await import(`./${name}.js`)) as { run(): Promise<void> };
  await run();
}
