// Builds GraphiQL into public/graphiql, unless what is there was built from the same sources and packages.
import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, 'public/graphiql');
const stampFile = join(output, '.stamp');
const say = (line) => process.stdout.write(`${line}\n`);

const stamp = await hashOf(['graphiql', 'package-lock.json', 'scripts/build-graphiql.js']);
if ((await readFile(stampFile, 'utf8').catch(() => '')) !== stamp) await build();

async function build() {
  const startedAt = Date.now();
  const vite = await import('vite').catch(() => null);
  if (vite === null) {
    say('GraphiQL is not built: vite is a development dependency and not installed here');
    return;
  }
  await vite.build({ configFile: join(root, 'graphiql/vite.config.js'), logLevel: 'error' });
  const size = await compressAll();
  await writeFile(stampFile, stamp);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  say(`GraphiQL is built: ${(size / 1e6).toFixed(1)} MB gzipped, in ${seconds} s`);
}

/** Beside each file that gains by it a .br and a .gz, so that nothing is compressed while somebody waits. */
async function compressAll() {
  let gzipped = 0;
  for (const path of await filesBelow(output)) {
    if (!/\.(js|css|svg|html)$/.test(path)) continue;
    const content = await readFile(path);
    const gz = await promisify(gzip)(content, { level: 9 });
    const br = await promisify(brotliCompress)(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    });
    await writeFile(`${path}.gz`, gz);
    await writeFile(`${path}.br`, br);
    gzipped += gz.length;
  }
  return gzipped;
}

async function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of await filesBelow(join(root, path))) {
      hash
        .update(file.slice(root.length))
        .update('\0')
        .update(await readFile(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

/** The path itself where it is a file; always in the same order. */
async function filesBelow(path) {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
