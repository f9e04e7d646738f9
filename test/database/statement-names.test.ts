import { describe, expect, it } from '@jest/globals';
import { createStatementNames } from '../../src/database/statement-names.js';

describe('statement names', () => {
  it('follow from the text alone, whatever was named before', () => {
    const one = createStatementNames();
    const other = createStatementNames();
    other('select 1');
    expect(one('select 2')).toBe(other('select 2'));
    expect(one('select 1')).not.toBe(one('select 2'));
    expect(one('select 2')?.length).toBeLessThan(64); // Postgres cuts longer names
  });

  it('are given to a bounded number of texts', () => {
    const nameOf = createStatementNames();
    const names = Array.from({ length: 600 }, (_, i) => nameOf(`select ${i}`));
    expect(new Set(names.slice(0, 500)).size).toBe(500);
    expect(names.slice(500).every((name) => name === null)).toBe(true);
    expect(nameOf('select 0')).toBe(names[0]);
  });
});
