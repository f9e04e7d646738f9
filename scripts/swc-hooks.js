import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const isOwnSource = (url) => url?.startsWith('file:') && !url.includes('/node_modules/');

/** Sources import each other as `./x.js`, the name after compilation; the file on disk is `./x.ts`. */
export async function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.js') && isOwnSource(context.parentURL)) {
    try {
      return await next(`${specifier.slice(0, -3)}.ts`, context);
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    }
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts') || !isOwnSource(url)) return next(url, context);
  const filename = fileURLToPath(url);
  const source = await readFile(filename, 'utf8');
  const { code } = await transform(source, { filename, sourceMaps: 'inline', inlineSourcesContent: true });
  return { format: 'module', source: code, shortCircuit: true };
}
