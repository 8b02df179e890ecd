import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { type Aval, jit, makeProgram, ones, type Program, random, type Tensor, zeros } from '@linum/tensor'
import { eliminateDeadCode, evaluateProgram, makeEquation, makeVar, programKey, traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { eliminateCommonSubexpressions } from '../src/program/cse.js'
import { inlineCalls } from '../src/program/inline.js'
import { lowerKeys } from '../src/program/lower-keys.js'
import type { Literal } from '../src/program/program.js'
import { optimize } from '../src/program/schedule.js'
import { simplify } from '../src/program/simplify.js'
import { inputsOf, randomProgram, runProgram } from './random-program.js'

const primitives = (p: Program): string[] => p.equations.map((e) => e.primitive)
const trace = makeProgram as (f: (...xs: Tensor[]) => unknown) => (...xs: Tensor[]) => Program
const f32 = (...shape: number[]): Aval => ({ shape, dtype: 'float32', weak: false })
const literal = (value: number, dtype: Aval['dtype'] = 'float32'): Literal => ({
  kind: 'literal',
  value,
  aval: { shape: [], dtype, weak: true },
})

describe('dead code', () => {
  test('is left out, with everything that only it needed', () => {
    const program = trace((x) => {
      x.exp().mul(2).sum()
      return x.add(1)
    })(ones([3]))
    expect(primitives(program)).toEqual(['add'])
  })
  test('keeps an equation one of whose results is used', () => {
    expect(primitives(trace((x) => x.argsort())(ones([3])))).toEqual(['iota', 'sort'])
  })
  test('of a program without any is the program itself', () => {
    const program = trace((x) => x.add(1))(ones([3]))
    expect(eliminateDeadCode(program)).toBe(program)
  })
})

describe('common subexpressions', () => {
  test('are computed once', () => {
    const program = trace((x, y) => x.add(y).exp().add(x.add(y).exp()))(ones([3]), ones([3]))
    expect(primitives(program)).toEqual(['add', 'exp', 'add', 'exp', 'add'])
    expect(primitives(eliminateCommonSubexpressions(program))).toEqual(['add', 'exp', 'add'])
  })
  test('are told apart by parameters, order, dtype, weakness and the sign of zero', () => {
    const program = trace((x) => [
      x.sum({ axis: 0 }),
      x.sum({ axis: 1 }),
      x.add(0),
      x.add(-0),
      x.sub(1),
      np.subtract(1, x),
      x.add(np.array(1, { dtype: 'float32' })),
    ])(ones([2, 2]))
    expect(eliminateCommonSubexpressions(program)).toBe(program)
  })
  test('give way in the outputs as well', () => {
    const merged = eliminateCommonSubexpressions(trace((x) => [x.exp(), x.exp()])(ones([2])))
    expect(merged.outputs[0]).toBe(merged.outputs[1])
  })
})

describe('simplification', () => {
  const x = makeVar(f32(3))
  /** Whether x op literal is known to be x. */
  const vanishes = (
    primitive: 'add' | 'sub' | 'mul' | 'div' | 'pow',
    value: number,
    side: 'left' | 'right' = 'right',
  ): boolean => {
    const out = makeVar(f32(3))
    const inputs = side === 'right' ? [x, literal(value)] : [literal(value), x]
    return (
      simplify({ inputs: [x], equations: [makeEquation(primitive, null, inputs, [out])], outputs: [out] })
        .outputs[0] === x
    )
  }

  test('removes what changes no value, NaN, infinities and -0 included', () => {
    expect([
      vanishes('mul', 1),
      vanishes('mul', 1, 'left'),
      vanishes('div', 1),
      vanishes('pow', 1),
      vanishes('sub', 0),
    ]).toEqual([true, true, true, true, true])
  })
  test('keeps what changes some value: x + 0 turns -0 into 0, x * 0 is NaN for NaN, 0 - x is not x', () => {
    expect([
      vanishes('add', 0),
      vanishes('add', -0),
      vanishes('sub', -0),
      vanishes('mul', 0),
      vanishes('mul', -1),
      vanishes('pow', 0),
      vanishes('sub', 0, 'left'),
      vanishes('div', 1, 'left'),
      vanishes('pow', 1, 'left'),
    ]).toEqual(Array.from({ length: 9 }, () => false))
  })
  test('keeps a multiplication by one that broadcasts or converts', () => {
    expect(primitives(simplify(trace((y) => y.mul(ones([2, 3])))(ones([3]))))).toEqual(['full', 'mul'])
    expect(
      primitives(simplify(trace((y) => np.array(5).mul(y.mul(0)))(ones([])))).filter((p) => p === 'mul'),
    ).toHaveLength(2)
  })
  test('removes views that move nothing, and joins chains of them', () => {
    const program = trace((y) => y.reshape([6]).reshape([3, 2]).T.T.transpose([1, 0]).reshape([6, 1]))(ones([2, 3]))
    expect(primitives(program)).toEqual(['reshape', 'reshape', 'transpose', 'transpose', 'transpose', 'reshape'])
    expect(primitives(eliminateDeadCode(simplify(program)))).toEqual(['reshape', 'transpose', 'reshape'])
    expect(
      primitives(simplify(trace((y) => np.stopGradient(y).astype('float32').broadcastTo([2]).reshape([2]))(ones([2])))),
    ).toEqual([])
  })
})

describe('calls', () => {
  test('are replaced by their equations at every depth', () => {
    const inner = jit((x: Tensor) => x.exp())
    const middle = jit((x: Tensor) => inner(x).mul(inner(x)))
    const program = trace((x) => middle(x).add(middle(x)))(ones([2]))
    expect(primitives(program)).toEqual(['jit', 'jit', 'add'])
    expect(primitives(inlineCalls(program))).toEqual(['exp', 'exp', 'mul', 'exp', 'exp', 'mul', 'add'])
    expect(primitives(optimize(program))).toEqual(['exp', 'mul', 'add'])
  })
  test('that hand inputs or numbers through leave nothing behind', () => {
    const pass = jit((x: Tensor, y: Tensor) => [y, x, np.array(2)])
    const program = inlineCalls(trace((x, y) => pass(x, y))(ones([2]), zeros([2])))
    expect(primitives(program)).toEqual([])
    expect(program.outputs.slice(0, 2)).toEqual([program.inputs[1], program.inputs[0]])
    expect(program.outputs[2]).toMatchObject({ kind: 'literal', value: 2 })
  })
})

describe('keys', () => {
  test('are replaced by their words everywhere', () => {
    const program = lowerKeys(
      trace((k, i) => {
        const keys = random.split(k, [2, 3])
        const moved = np.where(
          np.array([true, false, true]),
          keys.T.flip({ axis: 0 }).slice(':', 0),
          random.foldIn(k, 1),
        )
        return [
          random.keyData(np.concatenate([moved, moved.take(i)])),
          random.wrapKeyData(np.zeros([4, 2], { dtype: 'uint32' })),
          np.stack([k, k]),
        ]
      })(random.key(0), np.array([1, 0], { dtype: 'int32' })),
    )
    const dtypes = [
      ...program.inputs,
      ...program.equations.flatMap((e) => [...e.inputs, ...e.outputs]),
      ...program.outputs,
    ].map((v) => v.aval.dtype)
    expect(dtypes).not.toContain('key')
    expect(program.outputs.map((o) => o.aval.shape)).toEqual([
      [5, 2],
      [4, 2],
      [2, 2],
    ])
    expect(program.inputs.map((i) => i.aval)).toContainEqual({ shape: [2], dtype: 'uint32', weak: false })
  })
  test('leave a program without them as it is', () => {
    const program = trace((x) => x.add(1))(ones([2]))
    expect(lowerKeys(program)).toBe(program)
  })
  test('are refused by what computes with numbers', () => {
    expect(() => jit((k: Tensor) => np.pad(k, [[1, 1]]))(random.split(random.key(0)))).toThrow(np.DtypeError)
  })
})

describe('every pass', () => {
  const passes: Readonly<Record<string, (p: Program) => Program>> = {
    'elimination of dead code': eliminateDeadCode,
    'elimination of common subexpressions': eliminateCommonSubexpressions,
    simplification: simplify,
    'inlining of calls': inlineCalls,
    'all but the lowering of keys': (p) => eliminateDeadCode(eliminateCommonSubexpressions(simplify(inlineCalls(p)))),
  }
  const bits = (x: Tensor): string =>
    `${x.dtype}[${x.shape.join()}]${Array.from(x.dataSync(), (v) => (Object.is(v, -0) ? '-0' : v)).join()}`

  test.prop([randomProgram('anything', 10), fc.constantFrom(...Object.keys(passes))], { numRuns: 150 })(
    'keeps every bit of what a program computes',
    (random, pass) => {
      const inputs = inputsOf(random)
      const { program, captured } = traceProgram(
        'test',
        inputs.map((x) => x.aval),
        (args) => runProgram(random, args),
      )
      const args = [...captured, ...inputs]
      expect(evaluateProgram(passes[pass]!(program), args).map(bits)).toEqual(evaluateProgram(program, args).map(bits))
    },
  )
  test.prop([randomProgram('anything', 10)], { numRuns: 100 })(
    'keeps single assignment: each variable is defined once, before it is used',
    (random) => {
      const inputs = inputsOf(random)
      const { program } = traceProgram(
        'test',
        inputs.map((x) => x.aval),
        (args) => runProgram(random, args),
      )
      const flat = optimize(program)
      const known = new Set<unknown>(flat.inputs)
      for (const eqn of flat.equations) {
        for (const x of eqn.inputs) expect(x.kind === 'literal' || known.has(x)).toBe(true)
        for (const o of eqn.outputs) {
          expect(known.has(o)).toBe(false)
          known.add(o)
        }
      }
      for (const o of flat.outputs) expect(o.kind === 'literal' || known.has(o)).toBe(true)
    },
  )
})

describe('the key of a program', () => {
  const keyOf = (f: (...xs: Tensor[]) => unknown, ...xs: Tensor[]): string => programKey(trace(f)(...xs))

  test('is that of every program that differs in names alone', () => {
    const f = (x: Tensor): Tensor => x.mul(2).add(x)
    expect(keyOf(f, ones([2]))).toBe(keyOf(f, zeros([2])))
    expect(
      keyOf(
        (a) =>
          jit(function one(x: Tensor) {
            return x.sin()
          })(a),
        ones([2]),
      ),
    ).toBe(
      keyOf(
        (a) =>
          jit(function two(x: Tensor) {
            return x.sin()
          })(a),
        ones([2]),
      ),
    )
    const program = trace(f)(ones([2]))
    expect(programKey(program)).toBe(programKey(program))
  })

  test.each<[string, (x: Tensor, y: Tensor) => unknown, (x: Tensor, y: Tensor) => unknown]>([
    ['primitive', (x) => x.sin(), (x) => x.cos()],
    ['number', (x) => x.add(1), (x) => x.add(2)],
    ['sign of zero', (x) => x.add(0), (x) => x.add(-0)],
    ['number by its dtype', (x) => np.where(x.gt(0), 1, true), (x) => np.where(x.gt(0), 1, 1)],
    ['parameter', (x) => x.sum({ axis: 0 }), (x) => x.sum({ axis: 1 })],
    ['operand', (x) => x.sin(), (_x, y) => y.sin()],
    ['order of operands', (x, y) => x.sub(y), (x, y) => y.sub(x)],
    ['order of results', (x, y) => [x, y], (x, y) => [y, x]],
    ['number of results', (x) => [x], (x) => [x, x]],
    ['inner program', (x) => jit((z: Tensor) => z.sin())(x), (x) => jit((z: Tensor) => z.cos())(x)],
    ['fill value', (x) => x.add(np.full([2, 2], 1)), (x) => x.add(np.full([2, 2], 2))],
    [
      'branch',
      (x) =>
        np.cond(
          true,
          (z: Tensor) => z.sin(),
          (z: Tensor) => z,
          x,
        ),
      (x) =>
        np.cond(
          true,
          (z: Tensor) => z.cos(),
          (z: Tensor) => z,
          x,
        ),
    ],
    ['loop body', (x) => np.foriLoop(0, 2, (_i, z) => z.add(1), x), (x) => np.foriLoop(0, 2, (_i, z) => z.add(2), x)],
  ])('tells programs apart by %s', (_what, f, g) => {
    expect(keyOf(f, ones([2, 2]), ones([2, 2]))).not.toBe(keyOf(g, ones([2, 2]), ones([2, 2])))
  })

  test('tells programs apart by the shape and dtype of an input', () => {
    const f = (x: Tensor): Tensor => x.add(x)
    const keys = [
      ones([2]),
      ones([1, 2]),
      ones([2, 1]),
      ones([2], { dtype: 'int32' }),
      np.array(1),
      np.array(1, { dtype: 'float32' }),
    ].map((x) => keyOf(f, x))
    expect(new Set(keys).size).toBe(keys.length)
  })

  test.prop([randomProgram('anything', 8)], { numRuns: 60 })('is the same each time a function is traced', (random) => {
    const inputs = inputsOf(random)
    const again = () =>
      traceProgram(
        'test',
        inputs.map((x) => x.aval),
        (args) => runProgram(random, args),
      ).program
    expect(programKey(again())).toBe(programKey(again()))
    expect(programKey(inlineCalls(inlineCalls(again())))).toBe(programKey(inlineCalls(again())))
  })
})
