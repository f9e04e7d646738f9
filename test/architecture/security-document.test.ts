import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';

const document = readFileSync('docs/security.md', 'utf8');

it('docs/security.md names tests that exist', () => {
  const named = [...document.matchAll(/`([a-z][a-z-]*\/[a-z][a-z.-]*)`/g)].map(([, name]) => name as string);
  expect(named.length).toBeGreaterThan(50);
  expect([...new Set(named)].filter((name) => !existsSync(`test/${name}.test.ts`))).toEqual([]);
});

it('docs/security.md says of each limit which test proves it, or that none does', () => {
  const limits = document.split('\n## Limits\n')[1]?.split('\n## ')[0] ?? '';
  const rows = limits.split('\n').filter((line) => /^\| (?!---|what )/.test(line));
  expect(rows.length).toBeGreaterThan(30);
  const unproven = rows.filter((row) => !/(`[a-z-]+\/[a-z.-]+`|not tested)[^|]*\|$/.test(row));
  expect(unproven).toEqual([]);
});
