import { type Aval, cond, jit, makeProgram, ones, type Program, random, scan, type Tensor } from '@linum/tensor'
import { checkProgram, makeEquation, makeVar } from '@linum/tensor/core'
import { describe, expect, test } from 'vitest'
import { lowerKeys } from '../src/program/lower-keys.js'

const f32 = (...shape: number[]): Aval => ({ shape, dtype: 'float32', weak: false })

describe('a well formed program', () => {
  test('passes, with programs inside', () => {
    const f = (x: Tensor, key: Tensor): unknown =>
      scan(
        (c: Tensor, y: Tensor) =>
          [
            cond(
              y.sum().greater(0),
              (z: Tensor) => jit((w: Tensor) => w.add(1))(z),
              (z: Tensor) => z,
              c,
            ),
            y,
          ] as const,
        x,
        random.normal(key, [3, 2]),
      )
    const program = (makeProgram as (f: unknown) => (...xs: Tensor[]) => Program)(f)(ones([2]), random.key(0))
    expect(() => checkProgram(program, 'tracing')).not.toThrow()
    expect(() => checkProgram(lowerKeys(program), 'lowering', true)).not.toThrow()
  })
})

describe('an ill formed program is refused', () => {
  const x = makeVar(f32(2))
  const y = makeVar(f32(2))

  test('where a variable is used before it is bound', () => {
    const program = { inputs: [x], equations: [makeEquation('add', null, [x, y], [makeVar(f32(2))])], outputs: [] }
    expect(() => checkProgram(program, 'a pass')).toThrow(
      'checkProgram: after a pass, operand 1 of equation 0 (add) is used before it is bound',
    )
    expect(() => checkProgram({ inputs: [x], equations: [], outputs: [y] }, 'a pass')).toThrow('output 0 is used')
  })

  test('where a variable is bound twice', () => {
    const exp = makeEquation('exp', null, [x], [y])
    expect(() => checkProgram({ inputs: [x], equations: [exp, exp], outputs: [y] }, 'a pass')).toThrow(
      'result 0 of equation 1 (exp) is bound twice',
    )
  })

  test('where a result does not have the type that its rule gives', () => {
    const wrong = makeEquation('exp', null, [x], [makeVar(f32(3))])
    expect(() => checkProgram({ inputs: [x], equations: [wrong], outputs: [] }, 'a pass')).toThrow(
      'result 0 of equation 0 (exp) is float32[3], its rule gives float32[2]',
    )
    const many = makeEquation('exp', null, [x], [y, makeVar(f32(2))])
    expect(() => checkProgram({ inputs: [x], equations: [many], outputs: [] }, 'a pass')).toThrow('has 2 results')
  })

  test('inside another program too', () => {
    const inner = { inputs: [x], equations: [], outputs: [y] }
    const z = makeVar(f32(2))
    const call = makeEquation('jit', { program: inner, name: 'f' }, [z], [makeVar(f32(2))])
    expect(() => checkProgram({ inputs: [z], equations: [call], outputs: [] }, 'a pass')).toThrow(
      'after a pass, inside jit, output 0 is used before it is bound',
    )
  })
})
