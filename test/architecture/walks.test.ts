import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** The files of each walk of ARCHITECTURE.md, cut where a row or an injected client lies between two of them. */
function readWalks(markdown: string): Map<string, string[][]> {
  const section = markdown.split('## Three walks')[1]?.split('\n## ')[0];
  if (section === undefined) throw new Error('ARCHITECTURE.md has no section "Three walks"');
  const walks = new Map<string, string[][]>();
  let parts: string[][] = [];
  for (const line of section.split('\n')) {
    const title = /^\*\*(.+?)\*\*/.exec(line)?.[1];
    if (title !== undefined) {
      parts = [[]];
      walks.set(title, parts);
    }
    const file = /^\d\. `(src\/[^`]+)`/.exec(line)?.[1];
    if (file !== undefined) parts.at(-1)?.push(file);
    else if (/^\d\. /.test(line)) parts.push([]);
  }
  return walks;
}

const walks = readWalks(readFileSync('ARCHITECTURE.md', 'utf8'));

function doesImport(file: string, next: string): boolean {
  const path = relative(dirname(file), next).replace(/\.ts$/, '.js');
  return readFileSync(file, 'utf8').includes(`from '${path.startsWith('.') ? path : `./${path}`}'`);
}

describe('a walk of ARCHITECTURE.md', () => {
  it('is written for three values', () => expect(walks.size).toBe(3));

  it.each([...walks])(
    '%s: takes at most six files, each importing the next and none the one before',
    (_title, parts) => {
      expect(parts.flat().length).toBeGreaterThan(1);
      expect(parts.flat().length).toBeLessThanOrEqual(6);
      for (const files of parts) {
        for (const [index, next] of files.slice(1).entries()) {
          const file = files[index] as string;
          expect([file, next, doesImport(file, next)]).toEqual([file, next, true]);
          expect([next, file, doesImport(next, file)]).toEqual([next, file, false]);
        }
      }
    },
  );
});
