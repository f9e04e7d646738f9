import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readImportTable } from './import-table.js';

const SOURCE = 'src';
const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const table = readImportTable(readFileSync('ARCHITECTURE.md', 'utf8'));

/** `services/live/follow.ts` belongs to `services`, `app.ts` to `app`. */
const areaOf = (file: string): string => (file.split('/')[0] as string).replace(/\.ts$/, '');

interface Import {
  readonly from: string;
  /** Without its extension, relative to src. */
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

const imports = files.flatMap(importsOf);

function isAllowed({ from, to, isType }: Import): boolean {
  const own = areaOf(from);
  const area = areaOf(to);
  const allowed = table.get(own);
  if (!allowed) return false;
  if (own === area || allowed.everything || allowed.values.has(area) || allowed.values.has(to)) return true;
  return isType && allowed.types.has(area);
}

/** The folder that a cycle is looked for between: an area, or one folder of a large area. */
function folderOf(file: string): string {
  const [area, folder] = file.replace(/\.ts$/, '').split('/') as [string, string | undefined];
  return folder !== undefined && ['core', 'services', 'resolvers', 'integrations'].includes(area)
    ? `${area}/${folder}`
    : area;
}

/** The first chain of folders, each importing the next, that comes back to where it started. */
function findCycle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const done = new Set<string>();
  const visit = (folder: string, path: readonly string[]): string[] | null => {
    const start = path.indexOf(folder);
    if (start >= 0) return [...path.slice(start), folder];
    if (done.has(folder)) return null;
    for (const next of edges.get(folder) ?? []) {
      const cycle = visit(next, [...path, folder]);
      if (cycle) return cycle;
    }
    done.add(folder);
    return null;
  };
  for (const folder of edges.keys()) {
    const cycle = visit(folder, []);
    if (cycle) return cycle;
  }
  return null;
}

function folderEdges(all: readonly Import[]): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { from, to, isType } of all) {
    const [own, other] = [folderOf(from), folderOf(to)];
    if (isType || own === other) continue;
    edges.set(own, (edges.get(own) ?? new Set()).add(other));
  }
  return edges;
}

describe('imports', () => {
  it('go only where the table of ARCHITECTURE.md allows', () => {
    const wrong = imports.filter((each) => !isAllowed(each));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
    expect(imports.length).toBeGreaterThan(300);
  });

  it('make use of every permission of the table, which names every area', () => {
    expect([...new Set(files.map(areaOf))].sort()).toEqual([...table.keys()].sort());
    const unused = [...table].flatMap(([own, { values, types }]) => {
      const mine = imports.filter(({ from, to }) => areaOf(from) === own && areaOf(to) !== own);
      const isUsed = (target: string) => mine.some(({ to }) => to === target || areaOf(to) === target);
      return [...values, ...types].filter((target) => !isUsed(target)).map((target) => `${own} may import ${target}`);
    });
    expect(unused).toEqual([]);
  });

  it('form no cycle between folders', () => {
    expect(findCycle(folderEdges(imports))).toBeNull();
    expect(
      findCycle(
        folderEdges([
          { from: 'services/a/x.ts', to: 'services/b/y', isType: false },
          { from: 'services/b/z.ts', to: 'services/a/w', isType: false },
        ]),
      ),
    ).toEqual(['services/a', 'services/b', 'services/a']);
  });

  it('of the environment are main’s alone', () => {
    const readers = files.filter((file) => /process\.env/.test(readFileSync(join(SOURCE, file), 'utf8')));
    expect(readers).toEqual(['main.ts']);
  });

  it('of app.ts are main’s and commands’ alone', () => {
    const importers = imports.filter(({ to }) => to === 'app').map(({ from }) => areaOf(from));
    expect(importers.filter((area) => area !== 'main' && area !== 'commands')).toEqual([]);
  });
});
