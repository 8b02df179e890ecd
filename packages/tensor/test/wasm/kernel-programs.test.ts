import { fc, test } from '@fast-check/vitest'
import { makeSchedule, type Schedule, traceProgram } from '@linum/tensor/core'
import { describe, expect } from 'vitest'
import { hostArray } from '../../src/core/host.js'
import { interpretCluster, interpretKernel } from '../../src/device/js/interpret.js'
import { parametrize } from '../../src/kernel/parametrize.js'
import type { TypedArray } from '../../src/core/dtype.js'
import { inputsOf, randomProgram, type RandomProgram, runProgram } from '../random-program.js'
import { runCluster, runKernel, textOf } from './kernel-engine.js'

const scheduleOf = (program: RandomProgram): { schedule: Schedule; inputs: TypedArray[] } => {
  const inputs = inputsOf(program)
  const { program: traced } = traceProgram(
    'test',
    inputs.map((x) => x.aval),
    (xs) => runProgram(program, [...xs]),
  )
  return { schedule: makeSchedule(traced), inputs: inputs.map((x) => x.dataSync()) }
}

/** Sums run in another order than the interpreter's. */
const isClose = (a: number, b: number): boolean =>
  Object.is(a, b) ||
  a === b ||
  Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(a), Math.abs(b)) ||
  (Number.isNaN(a) && Number.isNaN(b))
const agree = (got: TypedArray, wanted: TypedArray): boolean => wanted.every((x, i) => isClose(got[i]!, x))

describe('every kernel of a random program', () => {
  const moves = randomProgram('moves', 8).map((p) => ({
    ...p,
    inputs: p.inputs.map((i) => ({ ...i, seed: i.seed * 2 })),
  }))

  test.prop([moves, fc.integer({ min: 1, max: 9 })], { numRuns: 60 })(
    'computes what the interpreter does, with literal sizes, with sizes as parameters, and in chunks',
    (program, grain) => {
      const { schedule, inputs } = scheduleOf(program)
      const slots = schedule.slots.map((s) => hostArray(s.dtype, s.length).fill(s.kind === 'constant' ? s.value : 0))
      schedule.inputs.forEach((id, k) => slots[id]!.set(inputs[k]!))
      for (const step of schedule.steps) {
        // What a routine makes are zeros here, as good as any.
        if (step.kind === 'routine') continue
        const from = step.inputs.map((id) => slots[id]!)
        const got = step.outputs.map((id) => hostArray(schedule.slots[id]!.dtype, slots[id]!.length))
        const into = step.outputs.map((id) => slots[id]!)
        if (step.kind === 'cluster') {
          runCluster(step, from, got, grain)
          interpretCluster(step)([...from, ...into], new Int32Array(0))
        } else {
          const length = into[0]!.length
          const p = parametrize(step.kernel)
          const literal = runKernel(step.kernel, from, length)
          runKernel(step.kernel, from, length, { grain }).forEach((x, k) => got[k]!.set(x))
          const parametric = runKernel(p.kernel, from, length, { params: p.params, grain })
          expect(textOf(got)).toBe(textOf(literal))
          expect(textOf(parametric)).toBe(textOf(literal))
          interpretKernel(step.kernel)([...from, ...into], new Int32Array(0))
        }
        got.forEach((x, k) => {
          // Rows that members hand on lie in scratch memory.
          const handedOn = step.kind === 'cluster' && step.members.some((m) => m.local && m.writes === from.length + k)
          if (!handedOn && !agree(x, into[k]!)) expect(Array.from(x)).toEqual(Array.from(into[k]!))
        })
      }
    },
  )
})
