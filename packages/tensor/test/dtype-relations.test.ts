import {
  canCast,
  DtypeError,
  finfo,
  iinfo,
  isdtype,
  promoteTypes,
  resultType,
  array,
  ones,
  random,
} from '@linum/tensor'
import { describe, expect, test } from 'vitest'
import { decode, load } from './fixture.js'

interface Relation {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly options?: Record<string, unknown>
  readonly is: unknown
}

const library = { canCast, finfo, iinfo, isdtype, promoteTypes, resultType } as Readonly<
  Record<string, (...args: never[]) => unknown>
>
const relations = load<Relation>(import.meta.url, 'dtype-relations')

describe.each(Object.keys(library))('%s', (fn) => {
  const own = relations.filter((r) => r.fn === fn)

  test('says what the reference says', () => {
    expect(own.length).toBeGreaterThan(3)
    for (const { args, options, is } of own) {
      const parameters = [...args.map(decode), ...(options === undefined ? [] : [options])]
      expect(
        library[fn]!(...(parameters as never[])),
        `${fn}(${JSON.stringify(args)}, ${JSON.stringify(options)})`,
      ).toEqual(is)
    }
  })
})

test('numbers alone are float32, as tensors made of them are', () => {
  expect(resultType(1)).toBe('float32')
  expect(resultType(1, 2.5)).toBe('float32')
  expect(resultType(1, 2.5)).toBe(array([1]).add(2.5).dtype)
})

test('the type of a result is the type that addition has', () => {
  const tensors = [ones([2], { dtype: 'int32' }), ones([2], { dtype: 'uint32' }), ones([2])]
  for (const a of tensors) {
    for (const b of [...tensors, 3, 2.5]) expect(resultType(a, b)).toBe(a.add(b).dtype)
  }
})

test('float64 holds what the others hold', () => {
  expect(promoteTypes('float64', 'int32')).toBe('float64')
  expect(canCast('int32', 'float64')).toBe(true)
  expect(canCast('int32', 'float32')).toBe(false)
  expect(canCast('float64', 'float32')).toBe(false)
  expect(canCast('float64', 'float32', { casting: 'same_kind' })).toBe(true)
})

test('errors name the function and what there is', () => {
  expect(() => finfo('int32')).toThrow(
    new DtypeError('finfo: needs a floating-point dtype, got int32; use iinfo for integers'),
  )
  expect(() => iinfo('float32')).toThrow(
    new DtypeError('iinfo: needs an integer dtype, got float32; use finfo for floating point'),
  )
  expect(() => finfo('float' as never)).toThrow(DtypeError)
  expect(() => promoteTypes('float32', 'complex64' as never)).toThrow(/promoteTypes: unknown dtype, got "complex64"/)
  expect(() => promoteTypes('float32', 'key')).toThrow(DtypeError)
  expect(() => resultType()).toThrow(TypeError)
  expect(() => resultType(random.key(0), 1)).toThrow(DtypeError)
  expect(() => isdtype('int32', 'complex' as never)).toThrow(
    /isdtype: unknown kind, got "complex"; use a dtype or one of/,
  )
  expect(() => canCast('int8', 'int16', { casting: 'loose' as never })).toThrow(RangeError)
})
