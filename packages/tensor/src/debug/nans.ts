import { isFloat } from '../core/dtype.js'
import { NanError } from '../core/errors.js'
import { formatShape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { type Observer, setObserver } from '../device/observer.js'
import { inputNames, nearestInputs } from '../program/input-names.js'
import { interpretProgram, type Place } from '../program/interpret.js'
import { nestedPrograms } from '../program/nested.js'
import type { Program } from '../program/program.js'

const calls = new WeakMap<Program, number>()

const typeOf = (x: Tensor): string => `${x.dtype}${formatShape(x.shape)}`

/** Positions of NaN among the elements: how many, and the first. */
const nansOf = (x: Tensor): { readonly count: number; readonly first: readonly number[] } => {
  if (!isFloat(x.dtype)) return { count: 0, first: [] }
  const data = x.dataSync()
  let [count, at] = [0, -1]
  for (let i = data.length - 1; i >= 0; i--) {
    if (!Number.isNaN(data[i]!)) continue
    count++
    at = i
  }
  const first: number[] = []
  for (let axis = x.ndim - 1, rest = at; axis >= 0; axis--) {
    first.unshift(rest % x.shape[axis]!)
    rest = Math.floor(rest / x.shape[axis]!)
  }
  return { count, first }
}

const describeOperand = (x: Tensor): string => {
  if (!isFloat(x.dtype) || x.size === 0) return typeOf(x)
  const { count } = nansOf(x)
  if (count > 0) return `${typeOf(x)} with ${count} NaN`
  const data = x.dataSync()
  let [low, high] = [Infinity, -Infinity]
  for (const v of data) {
    low = Math.min(low, v)
    high = Math.max(high, v)
  }
  return `${typeOf(x)} from ${low} to ${high}`
}

/** Throws NanError if a result of an operation holds NaN. */
const checkResults = (name: string, operands: readonly Tensor[], results: readonly Tensor[], where = ''): void => {
  for (const x of results) {
    const { count, first } = nansOf(x)
    if (count === 0) continue
    const passed = operands.some((o) => nansOf(o).count > 0)
    throw new NanError(
      `debugNans: ${name} ${passed ? 'passed on' : 'gave'} NaN, ${count} of ${x.size} elements of ${typeOf(x)}, the first at [${first.join(', ')}]; operands: ${operands.map(describeOperand).join(', ') || 'none'}${where}`,
    )
  }
}

/** If a result holds NaN, runs the program again equation by equation and throws NanError for the first that gives one. */
const checkProgram = (
  program: Program,
  operands: readonly Tensor[],
  results: readonly Tensor[],
  where: (place: Place) => string,
): void => {
  if (results.every((x) => nansOf(x).count === 0)) return
  interpretProgram(program, operands, (equation, inputs, outputs, place) => {
    const names = nearestInputs(place.program, equation, inputNames(program))
    const reads = names.length === 0 ? '' : `; it reads ${names.join(', ')}`
    const loops = place.steps.map((s) => `, step ${s.step} of ${s.loop}`).join('')
    checkResults(equation.primitive, inputs, outputs, `${where(place)}${loops}${reads}`)
  })
}

const nanObserver: Observer = {
  operation: (equation, operands, results) => {
    if (nestedPrograms(equation.params).length === 0) return checkResults(equation.primitive, operands, results)
    const program: Program = {
      inputs: equation.inputs.filter((x) => x.kind === 'var'),
      equations: [equation],
      outputs: equation.outputs,
    }
    checkProgram(program, operands, results, () => `. In ${equation.primitive}`)
  },
  call: (name, program, operands, results) => {
    const call = (calls.get(program) ?? 0) + 1
    calls.set(program, call)
    checkProgram(
      program,
      operands,
      results,
      (place) => `. In ${name}, call ${call}, equation ${place.index + 1} of ${place.program.equations.length}`,
    )
  },
}

/**
 * From now on (or, with false, no longer) every result is looked through: the first NaN throws a NanError that names
 * the operation and its operands, and for compiled code the equation, the call, the loop step and the arguments that it
 * reads. Slow: for finding out where a training run breaks. Needs a device that reads synchronously.
 */
export const debugNans = (on: boolean): void => {
  setObserver(on ? nanObserver : null)
}
