import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, jit, type Tensor, withDevice } from '@linum/tensor'
import { addDevice, type CompileOptions, type Executable, JsDevice, type Schedule } from '@linum/tensor/core'
import { afterAll, describe, expect } from 'vitest'
import { inputsOf, operations, type RandomProgram, randomProgram, runProgram } from './random-program.js'

class Interpreted extends JsDevice {
  override readonly name = 'interpreted'
  constructor() {
    super({ interpret: true })
  }
}

/** Compiles whole programs with runtime sizes, as the js device does single operations. */
class Parametric extends JsDevice {
  override readonly name = 'parametric'
  override compile(schedule: Schedule, _options: CompileOptions): Executable {
    return super.compile(schedule, { parametric: true })
  }
}

afterAll(addDevice(new Interpreted()))
afterAll(addDevice(new Parametric()))

/** The type and every bit, the sign of zero included. NaN is one value. */
const bits = (x: Tensor): string =>
  `${x.dtype}${x.weak ? '*' : ''}[${x.shape.join()}] ${Array.from(x.dataSync(), (v) => (Object.is(v, -0) ? '-0' : String(v))).join(' ')}`

const eager = (device: string, program: RandomProgram): string[] =>
  withDevice(device, () => runProgram(program, inputsOf(program)).map(bits))
const compiled = (device: string, program: RandomProgram): string[] =>
  withDevice(device, () => jit((...xs: Tensor[]) => runProgram(program, xs))(...inputsOf(program)).map(bits))

describe('a compiled program has the bits of its operations run one by one', () => {
  test.prop([randomProgram('moves', 12)], { numRuns: 200 })('where it mainly moves elements', (program) => {
    expect(compiled('js', program)).toEqual(eager('js', program))
  })
  test.prop([randomProgram('anything', 16)], { numRuns: 200 })('whatever it computes', (program) => {
    expect(compiled('js', program)).toEqual(eager('js', program))
  })
  test.prop([randomProgram('moves', 12)], { numRuns: 60 })('with sizes as runtime parameters', (program) => {
    expect(compiled('parametric', program)).toEqual(eager('js', program))
  })
  test.prop([randomProgram('anything', 12)], { numRuns: 60 })('where it is interpreted', (program) => {
    expect(compiled('interpreted', program)).toEqual(eager('js', program))
  })
  test.prop([randomProgram('anything', 8)], { numRuns: 60 })(
    'and single operations do where they are interpreted',
    (program) => {
      expect(eager('interpreted', program)).toEqual(eager('js', program))
    },
  )
  test.prop([randomProgram('anything', 10)], { numRuns: 60 })('split in two compiled halves', (program) => {
    const half = Math.floor(program.genes.length / 2)
    const run = (...xs: Tensor[]): Tensor[] => {
      const first = { ...program, genes: program.genes.slice(0, half), outputs: [0, 1, 2] }
      return runProgram(
        { ...program, genes: program.genes.slice(half) },
        jit((...ys: Tensor[]) => runProgram(first, ys))(...xs),
      )
    }
    const inputs = inputsOf(program)
    expect(jit(run)(...inputs).map(bits)).toEqual(run(...inputs).map(bits))
  })
})

describe('compiled alone, twice over and interpreted, the operation', () => {
  test.for(operations)('%s has the bits of running it at once', (name) => {
    let results = 0
    fc.assert(
      fc.property(randomProgram(name, 2), (program) => {
        const all = { ...program, outputs: Array.from({ length: 12 }, (_, i) => i) }
        const inputs = inputsOf(program)
        results += runProgram({ ...program, outputs: [] }, inputs).length + countMade(all, inputs)
        const expected = eager('js', all)
        expect(compiled('js', all)).toEqual(expected)
        expect(compiled('interpreted', all)).toEqual(expected)
      }),
      { numRuns: 12, seed: 1 },
    )
    expect(results).toBeGreaterThan(0)
  })
  /** Values that the program added to its inputs. */
  const countMade = (program: RandomProgram, inputs: readonly Tensor[]): number =>
    new Set(runProgram(program, inputs)).size - new Set(inputs).size
})

describe('reductions that meet', () => {
  test('run their own loops, whether those agree or not', () => {
    const f = (x: Tensor, y: Tensor): Tensor[] => [
      x.sum({ axis: 1 }).add(x.max({ axis: 1 })),
      x.sum({ axis: 1 }).add(y.max({ axis: 1 })),
      x.sum({ axis: 0 }).add(x.max({ axis: 1 })),
      x
        .sum({ axis: 1 })
        .sub(x.sum({ axis: 0 }))
        .mul(2),
      x
        .sum({ axis: 1 })
        .add(x.T.min({ axis: 1 }))
        .exp(),
      x
        .sum({ axis: [0, 1] })
        .add(y.sum())
        .add(x.ravel().max()),
      x.argmax({ axis: 1 }).add(y.argmin({ axis: 1 })),
      x
        .sum({ axis: 1, keepdims: true })
        .add(y.sum({ axis: 1, keepdims: true }))
        .sum(),
    ]
    const [x, y] = [arange(9).reshape([3, 3]).mod(5).sub(2.5), arange(15).reshape([3, 5]).mod(7).sub(3.5)]
    expect(jit(f)(x, y).map(bits)).toEqual(f(x, y).map(bits))
    const z = arange(64).reshape([4, 2, 8]).mod(9)
    const g = (a: Tensor): Tensor =>
      a
        .sum({ axis: 2 })
        .ravel()
        .add(a.max({ axis: [0, 1] }))
    expect(bits(jit(g)(z))).toBe(bits(g(z)))
    for (let i = 0; i < 8; i++) expect(bits(jit((a: Tensor, b: Tensor) => f(a, b)[i]!)(x, y))).toBe(bits(f(x, y)[i]!))
  })
})

describe('views over views', () => {
  const check = (f: (...xs: Tensor[]) => Tensor, ...xs: Tensor[]): void => {
    expect(bits(jit(f)(...xs))).toBe(bits(f(...xs)))
    expect(bits(withDevice('interpreted', () => jit(f)(...xs.map((x) => x.to('interpreted')))))).toBe(bits(f(...xs)))
  }

  test('a falling index is divided by a row length', () => {
    check((a, b) => a.add(b).ravel().flip(), arange(8).reshape([2, 4]), arange(4).mul(10))
  })
  test('a position counted down and up again is 0 and not -0', () => {
    check(() => np.iota([1, 2], 0, { dtype: 'float32' }).flip().flip())
    check(() => np.iota([2], 0, { dtype: 'float32' }).reshape([1, 2]).flip({ axis: 0 }).sub(0))
  })
})
