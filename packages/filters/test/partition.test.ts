import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  All,
  Any,
  type Entry,
  Everything,
  type Filter,
  FilterError,
  Not,
  Nothing,
  partition,
  PathContains,
  rest,
  select,
  toPredicate,
} from '@linum/filters'

class Param {}
class LoRAParam extends Param {}
class BatchStat {}
const kinds = [Param, LoRAParam, BatchStat]

const entries: readonly Entry<object>[] = [
  [['a', 'w'], new Param()],
  [['b'], new LoRAParam()],
  [['c', 0], new BatchStat()],
]
const paths = (groups: readonly (readonly Entry<object>[])[]): string[][] =>
  groups.map((g) => g.map(([path]) => path.join('/')))

describe('partition', () => {
  it('puts every entry into the group of the first filter that matches', () => {
    expect(paths(partition(entries, Param, LoRAParam, rest))).toEqual([['a/w', 'b'], [], ['c/0']])
    expect(paths(partition(entries, LoRAParam, Param, rest))).toEqual([['b'], ['a/w'], ['c/0']])
  })

  it('throws where an entry matches no filter, naming its path', () => {
    expect(() => partition(entries, Param)).toThrow(
      new FilterError(
        'Non-exhaustive filters, got a non-empty remainder: c/0.\nUse `rest` to match all remaining elements.',
      ),
    )
  })

  it('names the first eight of many unmatched paths', () => {
    const many = Array.from({ length: 10 }, (_, i): Entry<number> => [[`x${i}`], i])
    expect(() => partition(many, 'tag')).toThrow(/x0, x1, x2, x3, x4, x5, x6, x7 and 2 more\./)
  })

  it('allows rest and true only at the end', () => {
    expect(() => partition(entries, rest, Param)).toThrow(
      new FilterError(
        '`rest` or `true` can only be used as the last filters, got `rest` at index 0; move it to the end',
      ),
    )
    expect(() => partition(entries, Param, true, BatchStat)).toThrow(/got `true` at index 1/)
    expect(paths(partition(entries, Param, rest, true))).toEqual([['a/w', 'b'], ['c/0'], []])
  })

  it('select leaves the unmatched out', () => {
    expect(paths(select(entries, BatchStat))).toEqual([['c/0']])
    expect(paths(select(entries))).toEqual([])
  })
})

const leaf: fc.Arbitrary<Entry<object>> = fc.tuple(
  fc.array(fc.oneof(fc.constantFrom('a', 'b', 'w'), fc.nat(3)), { maxLength: 3 }),
  fc.constantFrom(...kinds).map((C) => new C()),
)
const { filter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Filter>(...kinds, true, false, null, rest, PathContains('a'), (path) => path.length > 1),
    fc.array(tie('filter'), { maxLength: 3 }),
    fc.tuple(tie('filter'), tie('filter')).map(([f, g]) => All(f, g)),
    tie('filter').map(Not),
  ),
}))
const same = (f: Filter, g: Filter, [path, value]: Entry<object>): void =>
  expect(toPredicate(f)(path, value)).toBe(toPredicate(g)(path, value))

describe('laws', () => {
  test.prop([filter, filter, filter, leaf])('Any and All are monoids', (f, g, h, x) => {
    same(Any(f, Any(g, h)), Any(Any(f, g), h), x)
    same(All(f, All(g, h)), All(All(f, g), h), x)
    same(Any(f, Nothing), f, x)
    same(All(f, Everything), f, x)
    same(Any(), Nothing, x)
    same(All(), Everything, x)
  })

  test.prop([filter, filter, leaf])('Not is an involution and De Morgan holds', (f, g, x) => {
    same(Not(Not(f)), f, x)
    same(Not(Any(f, g)), All(Not(f), Not(g)), x)
    same(Not(All(f, g)), Any(Not(f), Not(g)), x)
  })

  test.prop([fc.array(filter, { maxLength: 4 }), fc.array(leaf, { maxLength: 8 })])(
    'partition with rest loses, doubles and reorders nothing',
    (filters, leaves) => {
      const groups = partition(leaves, ...filters.filter((f) => f !== rest && f !== true), rest)
      expect(groups.flat().length).toBe(leaves.length)
      for (const group of groups) expect(group).toEqual(leaves.filter((x) => group.includes(x)))
      expect(new Set(groups.flat())).toEqual(new Set(leaves))
    },
  )

  test.prop([fc.array(filter, { minLength: 1, maxLength: 4 }), fc.array(leaf, { maxLength: 8 })])(
    'a group holds what its filter matches and no earlier one does',
    (filters, leaves) => {
      const fs = filters.filter((f) => f !== rest && f !== true)
      const groups = select(leaves, ...fs)
      fs.forEach((f, i) => {
        const only = All(f, Not(Any(...fs.slice(0, i))))
        expect(groups[i]).toEqual(leaves.filter(([path, value]) => toPredicate(only)(path, value)))
      })
    },
  )
})
