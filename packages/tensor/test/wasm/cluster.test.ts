import { fc, test } from '@fast-check/vitest'
import * as np from '@linum/tensor'
import type { Tensor } from '@linum/tensor'
import { makeSchedule, traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { hostArray } from '../../src/core/host.js'
import type { TypedArray } from '../../src/core/dtype.js'
import { interpretCluster } from '../../src/device/js/interpret.js'
import { rowScratch } from '../../src/device/wasm/scratch.js'
import type { Part } from '../../src/device/wasm/step-code.js'
import { ModuleBuilder } from '../../src/device/wasm/asm/module.js'
import { emitCluster } from '../../src/device/wasm/kernels/cluster.js'
import type { ClusterStep } from '../../src/device/wasm/kernels/widen-rows.js'
import { runCluster, textOf } from './kernel-engine.js'

/** The one step of a function of an array of `shape`, run as WebAssembly in chunks or by the interpreter. */
const clusterOf = (
  f: (x: Tensor) => Tensor,
  shape: readonly number[],
): { readonly step: ClusterStep; run(grain?: number): TypedArray; interpret(): TypedArray } => {
  const { program } = traceProgram('test', [{ shape, dtype: 'float32', weak: false }], ([x]) => [f(x!)])
  const schedule = makeSchedule(program)
  const [step] = schedule.steps
  if (schedule.steps.length !== 1 || step?.kind !== 'cluster') throw new Error('this is no single cluster')
  const withSlots = (run: (inputs: TypedArray[], outputs: TypedArray[]) => void): TypedArray => {
    const slots = schedule.slots.map((s) => hostArray(s.dtype, s.length).fill(s.kind === 'constant' ? s.value : 0))
    slots[schedule.inputs[0]!]!.forEach((_, i, x) => (x[i] = Math.sin(i * 0.7) * 4))
    run(
      step.inputs.map((id) => slots[id]!),
      step.outputs.map((id) => slots[id]!),
    )
    return slots[schedule.outputs[0]!]!
  }
  return {
    step,
    run: (grain) => withSlots((inputs, outputs) => runCluster(step, inputs, outputs, grain)),
    interpret: () => withSlots((inputs, outputs) => interpretCluster(step)([...inputs, ...outputs], new Int32Array(0))),
  }
}

const layerNorm = (x: Tensor): Tensor => {
  const centered = x.sub(x.mean({ axis: -1, keepdims: true }))
  const variance = centered.square().mean({ axis: -1, keepdims: true })
  return centered.mul(np.rsqrt(variance.add(1e-5))).mul(3)
}

describe('a cluster in WebAssembly', () => {
  const functions = {
    softmax: (x: Tensor) => np.softmax(x),
    logSoftmax: (x: Tensor) => np.logSoftmax(x),
    layerNorm,
    placed: (x: Tensor) => np.softmax(x.add(np.iota(x.shape.slice(1), 0))),
    both: (x: Tensor) => np.softmax(layerNorm(x)),
  }
  test.prop(
    [
      fc.constantFrom(...(Object.keys(functions) as (keyof typeof functions)[])),
      fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 1, maxLength: 2 }),
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 1, max: 5 }),
    ],
    { numRuns: 40 },
  )('computes what its functions are, and the same in chunks of points', (name, outer, length, grain) => {
    const shape = [4, ...outer, length]
    const { run, interpret } = clusterOf(functions[name], shape)
    const whole = run()
    expect(textOf([run(grain)])).toBe(textOf([whole]))
    const errors = Array.from(interpret(), (value, i) => Math.abs(whole[i]! - value) / Math.max(1, Math.abs(value)))
    expect(Math.max(...errors)).toBeLessThan(1e-5)
  })

  const partOf = (shape: readonly number[], f: (x: Tensor) => Tensor = functions.softmax): Part => {
    const { step } = clusterOf(f, shape)
    const module = new ModuleBuilder({ shared: false, minimum: 1, maximum: 1 })
    const none = (): never => {
      throw new Error('nothing is called')
    }
    const scratch = module.importGlobal('scratch')
    return emitCluster({ module, scratch, fma: false, routine: none, host: none }, step).parts[0]!
  }
  test('has as few shared loops as leave rows that are long enough for vectors, and some for every thread', () => {
    // Positions keep the loops apart.
    const units = (...shape: number[]): unknown =>
      partOf(shape, (x) => np.softmax(x.add(np.iota(shape.slice(1), 0)))).units
    expect(units(6, 7, 40)).toBe(42)
    expect(units(6, 7, 5)).toBe(6)
    expect(units(2, 7, 5)).toBe(14)
  })

  test('keeps rows that threads hand on in memory of their own, and where they do not fit runs on one thread', () => {
    const parallel = (shape: readonly number[]): boolean => partOf(shape).parallel
    expect(parallel([8, 100])).toBe(true)
    expect(parallel([8, rowScratch.bytes])).toBe(false)
    const { run } = clusterOf(functions.softmax, [4, rowScratch.bytes / 4 + 3])
    expect(
      Array.from(run())
        .slice(0, rowScratch.bytes / 4 + 3)
        .reduce((a, b) => a + b, 0),
    ).toBeCloseTo(1, 3)
  })
})
