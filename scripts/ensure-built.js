// Before a start: compiles what changed since the last build. Where the compiler is not installed, dist is taken as it is.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiler = `${root}/node_modules/typescript/bin/tsc`;
if (existsSync(compiler)) {
  execFileSync(process.execPath, [compiler, '-p', `${root}/tsconfig.build.json`], {
    stdio: ['ignore', 2, 2],
    cwd: root,
  });
  await import('./build-graphiql.js');
}
