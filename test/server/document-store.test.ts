import { expect, it } from '@jest/globals';
import { parse } from 'graphql';
import { DocumentStore, MAX_STORED_BYTES } from '../../src/server/document-store.js';

it('keeps the documents that were used last, within its bytes, under every name that they have', async () => {
  const store = new DocumentStore();
  const textOf = (n: number) => `{ viewer { subject } } # ${n} ${'x'.repeat(9_950)}`;
  const count = Math.floor(MAX_STORED_BYTES / textOf(0).length) + 20;
  for (let n = 0; n < count; n++) {
    await store.set(`hash ${n}`, parse(textOf(n)));
    expect(store.find(textOf(0))).toBeDefined();
  }
  const kept = Array.from({ length: count }, (_, n) => n).filter((n) => store.find(textOf(n)));
  expect(kept.length * textOf(10).length).toBeLessThanOrEqual(MAX_STORED_BYTES);
  expect(kept[0]).toBe(0);
  expect(kept.slice(1)).toEqual(Array.from({ length: kept.length - 1 }, (_, n) => count - kept.length + 1 + n));
  expect(await store.get('hash 1')).toBeUndefined();
  expect(await store.get('hash 0')).toBe(store.find(textOf(0)));
});
