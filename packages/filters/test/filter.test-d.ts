import { expectTypeOf, test } from 'vitest'
import { All, type Filter, type FilterFn, partition, rest, toPredicate } from '@linum/filters'

test('literals are filters and other values are not', () => {
  abstract class Abstract {}
  expectTypeOf<typeof Abstract>().toExtend<Filter>()
  expectTypeOf<typeof Float32Array>().toExtend<Filter>()
  expectTypeOf<typeof rest>().toExtend<Filter>()
  expectTypeOf<readonly ['a', typeof rest]>().toExtend<Filter>()
  expectTypeOf<number>().not.toExtend<Filter>()
  expectTypeOf<(path: string) => boolean>().not.toExtend<Filter>()
  toPredicate((path, value) => path.length > 0 && value === 1)
})

test('combinators return plain functions', () => {
  expectTypeOf(All('a', rest)).toEqualTypeOf<FilterFn>()
  expectTypeOf<FilterFn>().toEqualTypeOf<(path: readonly (string | number)[], value: unknown) => boolean>()
})

test('partition keeps the type of the values', () => {
  const [group] = partition([[['a'], 1]] as const, rest)
  expectTypeOf(group![0]![1]).toEqualTypeOf<1>()
})
