import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** Beside itself; `types:` allows `import type` alone. The table of ARCHITECTURE.md says why. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: ['errors'],
  entities: ['core'],
  migrations: [],
  database: ['entities', 'migrations', 'errors'],
  integrations: ['core', 'errors'],
  services: [
    'core',
    'entities',
    'errors',
    'context',
    'database',
    'types:integrations',
    'integrations/digitalocean/droplets',
  ],
  sagas: [
    'services',
    'core',
    'entities',
    'errors',
    'context',
    'types:integrations',
    'integrations/digitalocean/droplets',
  ],
  jobs: ['services', 'sagas', 'core', 'errors', 'context', 'database'],
  resolvers: ['services', 'entities', 'core', 'errors', 'context', 'database'],
  server: ['resolvers', 'services', 'core', 'errors', 'context', 'config', 'database'],
  sandbox: [],
  commands: ['*'],
  app: ['*'],
  main: ['*'],
  config: ['errors'],
  errors: [],
  log: ['core'],
  context: ['types:config', 'types:database', 'types:integrations', 'types:services', 'types:jobs'],
  'jwt-secret': ['config'],
};

const SOURCE = 'src';
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
/** `services/live/follow.ts` is of `services`, `app.ts` of `app`. */
const areaOf = (file: string): string => (file.split('/')[0] as string).replace(/\.ts$/, '');

interface Import {
  readonly from: string;
  /** Without its ending, relative to src. */
  readonly to: string;
  readonly isType: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  return [...text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+'(\.[^']+)';/gms)].map(([, type, path]) => ({
    from: file,
    to: relative(SOURCE, join(SOURCE, dirname(file), path as string)).replace(/\.js$/, ''),
    isType: type !== undefined,
  }));
}

function isAllowed({ from, to, isType }: Import): boolean {
  const own = areaOf(from);
  const area = areaOf(to);
  const allowed = MAY_IMPORT[own] ?? [];
  if (own === area || allowed.includes('*') || allowed.includes(area) || allowed.includes(to)) return true;
  return isType && allowed.includes(`types:${area}`);
}

describe('imports', () => {
  it('go the way of the arrows alone', () => {
    const wrong = files.flatMap(importsOf).filter((each) => !isAllowed(each));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });

  it('are looked for in every area, and every area is known', () => {
    expect([...new Set(files.map(areaOf))].filter((area) => !(area in MAY_IMPORT))).toEqual([]);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(300);
  });

  it('of the environment are main’s alone', () => {
    const readers = files.filter((file) => /process\.env/.test(readFileSync(join(SOURCE, file), 'utf8')));
    expect(readers).toEqual(['main.ts']);
  });
});
