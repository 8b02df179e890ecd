import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import { arange, array, type Tensor } from '@linum/tensor'
import { JsDevice, makeSchedule, traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { flatten, type FlatSchedule } from '../../src/device/gpu/webgl2/flatten.js'
import type { Schedule, Slot, Step } from '../../src/program/schedule.js'

type Program = (...xs: Tensor[]) => Tensor | readonly Tensor[]

const scheduleOf = (f: Program, xs: readonly Tensor[]): Schedule =>
  makeSchedule(
    traceProgram(
      'test',
      xs.map((x) => x.aval),
      (args) => [f(...args)].flat() as Tensor[],
    ).program,
  )

/** A kernel that puts buffers behind each other, for a device that has no other way. */
const packKernel = (lengths: readonly number[], step: FlatSchedule['steps'][number]): Step => ({
  kind: 'kernel',
  inputs: step.inputs,
  outputs: step.outputs,
  kernel: {
    grid: [lengths.reduce((a, b) => a + b, 0)],
    reduce: [],
    accumulators: [],
    inputs: lengths.map(() => 'float32'),
    outputs: [
      lengths.reduceRight<Parameters<typeof guardOf>[3]>(
        (rest, length, k) =>
          guardOf(
            lengths.slice(0, k).reduce((a, b) => a + b, 0),
            length,
            k,
            rest,
          ),
        { kind: 'const', dtype: 'float32', value: 0 },
      ),
    ],
  },
})

type Expression = Extract<Step, { kind: 'kernel' }>['kernel']['outputs'][number]
const guardOf = (from: number, length: number, input: number, rest: Expression): Expression => {
  const of = { offset: -from, terms: [{ atom: { kind: 'axis' as const, axis: 0 }, factor: 1 }] }
  return {
    kind: 'guard',
    dtype: 'float32',
    tests: [{ kind: 'within', of, low: 0, high: length }],
    then: { kind: 'load', dtype: 'float32', input, at: of },
    else: rest,
  }
}

/** A flat schedule as one that any device runs, every slot in a place of its own. */
const asSchedule = (flat: FlatSchedule): Schedule => {
  let workspaceBytes = 0
  const slots = flat.slots.map(({ kind, dtype, length, value }, id): Slot => {
    const offset = workspaceBytes
    if (kind === 'made') workspaceBytes += length * 8
    const own = kind !== 'made' ? kind : flat.outputs.includes(id) ? 'output' : 'temporary'
    return { kind: own, dtype, length, offset, value }
  })
  const steps = flat.steps.map((step): Step => {
    if (step.kind === 'control') throw new Error('control flow is not taken apart')
    return step.kind === 'kernel'
      ? step
      : packKernel(
          step.inputs.map((id) => slots[id]!.length),
          step,
        )
  })
  return { slots, inputs: flat.inputs, outputs: flat.outputs, steps, workspaceBytes }
}

const run = (schedule: Schedule, xs: readonly Tensor[]): readonly (readonly number[])[] => {
  const device = new JsDevice()
  return device
    .compile(schedule, { parametric: false })
    .run(xs.map((x) => device.upload(x.dataSync() as Float32Array, x.dtype as 'float32')))
    .map((b) => Array.from(device.readSync(b)))
}

const int = (...values: number[]): Tensor => array(values, { dtype: 'int32' })
const wave = (...shape: number[]): Tensor => np.sin(arange(shape.reduce((a, b) => a * b, 1)).mul(0.7)).reshape(shape)

const expectSame = (f: Program, ...xs: Tensor[]): FlatSchedule => {
  const schedule = scheduleOf(f, xs)
  const flat = flatten(schedule)
  const [got, want] = [run(asSchedule(flat), xs), run(schedule, xs)]
  want.forEach((values, k) =>
    values.forEach((value, i) => {
      if (Number.isFinite(value) && !Number.isInteger(value)) expect(got[k]![i]).toBeCloseTo(value, 4)
      else expect(got[k]![i]).toBe(value)
    }),
  )
  return flat
}

describe('a schedule for WebGL2', () => {
  test.each<[string, Program, readonly Tensor[]]>([
    ['a matrix product', (a, b) => np.matmul(a!, b!), [wave(3, 4), wave(4, 5)]],
    ['a batched product with a transpose', (a, b) => np.matmul(a!, b!.mT), [wave(2, 3, 4), wave(2, 5, 4)]],
    ['a tensor product', (a, b) => np.tensordot(a!, b!, { axes: 2 }), [wave(2, 3, 4), wave(3, 4, 5)]],
    ['a running sum', (x) => x!.cumsum({ axis: 1 }), [wave(3, 4, 2)]],
    [
      'a sort',
      (x) => x!.sort({ axis: 0 }),
      [
        array([
          [2, NaN, 1],
          [-1, 3, 1],
          [2, 0, -Infinity],
        ]),
      ],
    ],
    ['the order of elements', (x) => x!.argsort(), [array([2, 1, 2, NaN, 1])]],
    ['a gather', (x, i) => np.take(x!, i!, { axis: 0 }), [wave(4, 3), int(2, 0, 3)]],
    ['added updates', (x, i, u) => x!.at(i!).add(u!), [wave(4, 3), int(2, 0, 2), wave(3, 3)]],
    ['set elements, of which the last stays', (x, i, u) => x!.at(i!).set(u!), [wave(4), int(2, 0, 2), wave(3)]],
    ['updates outside', (x, i, u) => x!.at(i!).max(u!), [wave(4), int(2, 9, 1), wave(3).add(1)]],
    ['softmax', (x) => np.softmax(x!), [wave(8, 5)]],
  ])('has kernels that compute %s', (_, f, xs) => {
    const flat = expectSame(f, ...xs)
    expect(flat.steps.every((s) => s.kind === 'kernel')).toBe(true)
  })

  test.prop(
    [
      fc.record({
        strides: fc.constantFrom([1, 1], [2, 1]),
        padding: fc.constantFrom<[number, number][]>(
          [
            [0, 0],
            [0, 0],
          ],
          [
            [1, 0],
            [-1, 2],
          ],
        ),
        rhsDilation: fc.constantFrom([1, 1], [1, 2]),
        lhsDilation: fc.constantFrom([1, 1], [2, 3]),
      }),
    ],
    { numRuns: 8 },
  )('has kernels that compute convolutions', ({ strides, padding, ...dilation }) => {
    expectSame(
      (x, k) =>
        np.convGeneralDilated(x!, k!, strides, padding, { ...dilation, dimensionNumbers: ['NHWC', 'HWIO', 'NHWC'] }),
      wave(2, 5, 6, 3),
      wave(3, 2, 3, 4),
    )
  })

  test.prop(
    [
      fc.constantFrom(1500, 2048, 5000),
      fc.constantFrom(1, 3),
      fc.constantFrom<'sum' | 'max' | 'prod'>('sum', 'max', 'prod'),
    ],
    {
      numRuns: 10,
    },
  )('cuts a long reduction in two', (length, rows, op) => {
    const x = op === 'prod' ? wave(rows, length).mul(1e-3).add(1) : wave(rows, length)
    const flat = expectSame((y) => y[op]({ axis: 1 }), x)
    const lengths = flat.steps.map((s) => (s.kind === 'kernel' ? s.kernel.reduce.reduce((a, b) => a * b, 1) : 0))
    expect(lengths.length).toBe(2)
    expect(Math.max(...lengths)).toBeLessThan(600)
  })

  test('joins the inputs of a kernel that has more than a program may read', () => {
    const xs = Array.from({ length: 20 }, (_, k) => wave(3).add(k))
    const flat = expectSame((...ys) => np.concatenate(ys), ...xs)
    expect(flat.steps.map((s) => s.kind)).toEqual(['pack', 'kernel'])
    expect(new Set(flat.steps[1]!.inputs).size).toBeLessThan(16)
  })

  test('says what would take it too long', () => {
    const flattened =
      (f: Program): (() => FlatSchedule) =>
      () =>
        flatten(scheduleOf(f, [wave(5000)]))
    expect(flattened((x) => x!.sort())).toThrow(
      /^sort: .*5000 elements in a line of float32, at most 4096; .*x\.to\('wasm'\)/,
    )
    expect(flattened((x) => x!.cumsum())).toThrow(/^cumsum: .*5000/)
  })

  test('says what it has no code for', () => {
    const schedule = scheduleOf((x) => np.linalg.det(x!), [wave(3, 3)])
    expect(() => flatten(schedule)).toThrow(/^det: .*WebGL2.*float32.*x\.to\('wasm'\)/)
  })
})
