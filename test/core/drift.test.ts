import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { driftsOf, isRevertible, isSameValue, liveValue, planDrifts } from '../../src/core/drift/drift.js';
import type { ResourceFields } from '../../src/core/inventory/resource-diff.js';

const aDroplet = (fields: Partial<ResourceFields> = {}): ResourceFields => ({
  name: 'web-1',
  status: 'active',
  region: 'syd1',
  tags: ['web', 'live'],
  attrs: { size_slug: 's-1vcpu-1gb', image: 'debian-12-x64', vcpus: 1, region: 'of an attribute' },
  ...fields,
});

describe('two values', () => {
  const same: [string, unknown, unknown][] = [
    ['two equal texts', 's-1vcpu-1gb', 's-1vcpu-1gb'],
    ['a number and its text', 4, '4'],
    ['a text and its number', '2048', 2048],
    ['a truth value and its text', true, 'true'],
    ['null and absent', null, undefined],
    ['lists in another order', ['a', 'b'], ['b', 'a']],
    ['a list and itself with duplicates', ['a', 'b'], ['b', 'a', 'a']],
    ['lists of numbers and of texts', [1, 2], ['2', '1']],
    ['two empty lists', [], []],
    ['lists of objects in another order', [{ a: 1 }, { b: [2, 3] }], [{ b: ['3', 2] }, { a: '1' }]],
    ['objects with keys in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['an absent key and one that is null', { a: 1, b: null }, { a: 1 }],
  ];
  it.each(same)('are the same: %s', (_name, a, b) => {
    expect([isSameValue(a, b), isSameValue(b, a)]).toEqual([true, true]);
  });

  const different: [string, unknown, unknown][] = [
    ['two texts', 's-1vcpu-1gb', 's-1vcpu-2gb'],
    ['texts in another case', 'Web', 'web'],
    ['null and an empty text', null, ''],
    ['null and the text "null"', null, 'null'],
    ['null and zero', null, 0],
    ['null and an empty list', null, []],
    ['absent and false', undefined, false],
    ['a text and a list of it', 'a', ['a']],
    ['a list and the text that it looks like', ['a'], '["a"]'],
    ['a list and a longer one', ['a'], ['a', 'b']],
    ['a list that holds null and one that does not', ['a', null], ['a']],
    ['texts that join alike', ['a,b'], ['a', 'b']],
    ['an empty list and an empty object', [], {}],
    ['objects that differ deep below', { a: { b: [1] } }, { a: { b: [2] } }],
  ];
  it.each(different)('differ: %s', (_name, a, b) => {
    expect([isSameValue(a, b), isSameValue(b, a)]).toEqual([false, false]);
  });

  it('are the same as themselves, and in any order of their lists, with any duplicates', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(), (list, cut) => {
        const at = list.length === 0 ? 0 : cut % list.length;
        const moved = [...list.slice(at), ...list.slice(0, at)].reverse();
        expect(isSameValue(list, structuredClone(list))).toBe(true);
        expect(isSameValue(list, [...moved, ...list.slice(at)])).toBe(true);
      }),
    );
  });

  it('that are scalars are the same exactly where their texts are', () => {
    const scalar = fc.oneof(fc.string({ maxLength: 2 }), fc.integer({ min: -3, max: 30 }), fc.boolean());
    fc.assert(fc.property(scalar, scalar, (a, b) => expect(isSameValue(a, b)).toBe(String(a) === String(b))));
  });
});

describe('what a resource has of a field', () => {
  it('is its column first, then its attribute, else null', () => {
    const live = aDroplet({ attrs: { region: 'attribute', size_slug: 's-1', image: undefined } });
    expect(
      ['region', 'name', 'status', 'tags', 'size_slug', 'image', 'vpc', 'constructor'].map((field) =>
        liveValue(live, field),
      ),
    ).toEqual(['syd1', 'web-1', 'active', ['web', 'live'], 's-1', null, null, null]);
  });

  it('is the column even where that holds nothing', () => {
    expect(liveValue(aDroplet({ region: null }), 'region')).toBeNull();
  });
});

describe('drifts', () => {
  it('are the fields of the spec that differ, by name, and no others', () => {
    const spec = {
      vcpus: '1',
      size_slug: 's-2vcpu-4gb',
      region: 'syd1',
      tags: ['live', 'web'],
      name: 'web',
      backups: null,
    };
    expect(driftsOf(spec, aDroplet())).toEqual([
      { field: 'name', expected: 'web', actual: 'web-1' },
      { field: 'size_slug', expected: 's-2vcpu-4gb', actual: 's-1vcpu-1gb' },
    ]);
  });

  it('take tags that differ in case alone for one tag, as the provider does, and nothing else', () => {
    const live = aDroplet({ tags: ['web', 'LIVE'], attrs: { features: ['IPv6'] } });
    expect(
      driftsOf({ tags: ['live', 'Web'], features: ['ipv6'], name: 'WEB-1' }, live).map(({ field }) => field),
    ).toEqual(['features', 'name']);
  });

  it('tell of a value that is gone, and of one that was not asked for', () => {
    expect(driftsOf({ vpc_uuid: 'v', image: null }, aDroplet())).toEqual([
      { field: 'image', expected: null, actual: 'debian-12-x64' },
      { field: 'vpc_uuid', expected: 'v', actual: null },
    ]);
  });

  it('are gone from a spec that takes the live value, and the others stay', () => {
    fc.assert(
      fc.property(anySpec, anyLive, (spec, live) => {
        for (const { field } of driftsOf(spec, live)) {
          const accepted = { ...spec, [field]: liveValue(live, field) };
          expect(driftsOf(accepted, live)).toEqual(driftsOf(spec, live).filter((drift) => drift.field !== field));
        }
      }),
    );
  });
});

describe('a plan', () => {
  const spec = { size_slug: 's-1vcpu-1gb', region: 'syd1', name: 'web-1' };

  it('opens what is new, refreshes what has moved on, closes what matches again', () => {
    const live = aDroplet({ name: 'web-2', region: 'sfo3' });
    const known = [
      { id: 'r', field: 'region', expected: 'syd1', actual: 'nyc1' },
      { id: 's', field: 'size_slug', expected: 's-1vcpu-1gb', actual: 's-2vcpu-4gb' },
    ];
    expect(planDrifts(spec, live, known)).toEqual({
      open: [{ field: 'name', expected: 'web-1', actual: 'web-2' }],
      refresh: [{ id: 'r', field: 'region', expected: 'syd1', actual: 'sfo3' }],
      close: ['s'],
    });
  });

  it('closes what the spec asks for no more, and everything of a resource that is gone', () => {
    const known = [
      { id: 'i', field: 'image', expected: 'x', actual: 'debian-12-x64' },
      { id: 'n', field: 'name', expected: 'web-1', actual: 'web-2' },
    ];
    expect(planDrifts(spec, aDroplet({ name: 'web-2' }), known)).toEqual({ open: [], refresh: [], close: ['i'] });
    expect(planDrifts(spec, null, known)).toEqual({ open: [], refresh: [], close: ['i', 'n'] });
  });

  it('leaves nothing to do once it is carried out', () => {
    const known = fc
      .uniqueArray(fc.constantFrom(...FIELDS, 'gone'), { maxLength: 4 })
      .chain((fields) =>
        fc.tuple(
          ...fields.map((field) =>
            fc.record({ id: fc.constant(field), field: fc.constant(field), expected: value, actual: value }),
          ),
        ),
      );
    fc.assert(
      fc.property(anySpec, anyLive, known, (wanted, live, before) => {
        const plan = planDrifts(wanted, live, before);
        const kept = before.filter(({ id }) => !plan.close.includes(id));
        const after = [
          ...kept.map((drift) => plan.refresh.find(({ id }) => id === drift.id) ?? drift),
          ...plan.open.map((drift) => ({ id: drift.field, ...drift })),
        ];
        expect(planDrifts(wanted, live, after)).toEqual({ open: [], refresh: [], close: [] });
        expect(after.map(({ field }) => field).sort()).toEqual(driftsOf(wanted, live).map(({ field }) => field));
      }),
    );
  });
});

it('size, name and tags can be put back; nothing else can, whatever it is called', () => {
  const fields = ['size_slug', 'name', 'tags', 'region', 'image', 'status', 'toString', '__proto__'];
  expect(fields.filter(isRevertible)).toEqual(['size_slug', 'name', 'tags']);
});

const FIELDS = ['name', 'status', 'region', 'tags', 'size_slug', 'image', 'vcpus'];
const value = fc.oneof(
  fc.constantFrom(null, 'a', 'b', '1', 1),
  fc.array(fc.constantFrom('a', 'b', 1), { maxLength: 3 }),
);
const anySpec = fc.dictionary(fc.constantFrom(...FIELDS), value);
const text = fc.constantFrom('a', 'b', '1');
const anyLive: fc.Arbitrary<ResourceFields> = fc.record({
  name: text,
  status: fc.option(text),
  region: fc.option(text),
  tags: fc.array(text, { maxLength: 3 }),
  attrs: fc.dictionary(fc.constantFrom('size_slug', 'image', 'vcpus'), value),
});
