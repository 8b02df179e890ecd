import type { Aval } from '../core/dtype.js'
import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape, sameShape } from '../core/shape.js'
import type { Atom, Program } from '../program/program.js'
import type { CheckpointParams } from './checkpoint.js'
import type { CustomParams } from './custom.js'
import type { RuleTable } from './primitive.js'

/** Primitives that carry programs. Operands and results are flat lists of tensors. */
export interface ControlParams extends CheckpointParams, CustomParams {
  /**
   * Runs a program. `donated` operands may be overwritten when it runs outside all transforms; elsewhere they are as the
   * others. `donatable`, where given, are those that some call of the program donates.
   */
  jit: {
    readonly program: Program
    readonly name: string
    readonly donated?: readonly number[]
    readonly donatable?: readonly number[]
  }
  /**
   * Runs `body` `length` times. Operands: `constants` values that every step sees, `carry` values that each step hands
   * to the next, then arrays whose leading axis is cut into the steps. The body gives the next carry and one slice of
   * each result array. Results: the last carry, then the arrays.
   */
  scan: {
    readonly body: Program
    readonly constants: number
    readonly carry: number
    readonly length: number
    readonly reverse: boolean
  }
  /** Runs the branch that the first operand (int32, clamped) numbers on the other operands. */
  cond: { readonly branches: readonly Program[] }
  /**
   * Runs `body` on the carry while `test` of it holds. Operands: `testConstants` values that the test sees before the
   * carry, `bodyConstants` that the body does, then the carry.
   */
  while: {
    readonly test: Program
    readonly body: Program
    readonly testConstants: number
    readonly bodyConstants: number
  }
}

const sameType = (a: Aval, b: Aval): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape)

const checkOperands = (what: string, program: Program, avals: readonly Aval[]): void => {
  const fits = avals.length === program.inputs.length && program.inputs.every((v, i) => sameType(v.aval, avals[i]!))
  if (!fits) throw new ShapeError(`${what}: the operands do not have the types that the program was traced with`)
}

const strong = (a: Aval): Aval => (a.weak ? { ...a, weak: false } : a)
const typesOf = (outputs: readonly Atom[]): Aval[] => outputs.map((o) => strong(o.aval))

/** A program that runs once, on the operands. */
const call = (
  avals: readonly Aval[],
  { program, name }: { readonly program: Program; readonly name: string },
  primitive: string,
): readonly Aval[] => {
  checkOperands(`${primitive}(${name})`, program, avals)
  return program.outputs.map((o) => o.aval)
}

export const controlTypes: RuleTable<ControlParams> = {
  jit: call,
  checkpoint: call,
  custom_jvp: call,
  custom_vjp: call,
  scan: (avals, { body, constants, carry, length }) => {
    const steps = avals.slice(constants + carry)
    const short = steps.find((a) => a.shape[0] !== length)
    if (short !== undefined)
      throw new ShapeError(
        `scan: scanned arrays must have a leading axis of ${length}, got shape ${formatShape(short.shape)}`,
      )
    checkOperands('scan', body, [
      ...avals.slice(0, constants + carry),
      ...steps.map((a) => ({ ...a, shape: a.shape.slice(1) })),
    ])
    const out = typesOf(body.outputs)
    return [...out.slice(0, carry), ...out.slice(carry).map((a) => ({ ...a, shape: [length, ...a.shape] }))]
  },
  cond: ([index, ...avals], { branches }) => {
    if (index!.dtype !== 'int32' || index!.shape.length !== 0)
      throw new DtypeError(
        `cond: the index must be a scalar of int32, got ${index!.dtype} of shape ${formatShape(index!.shape)}`,
      )
    branches.forEach((b) => checkOperands('cond', b, avals))
    return typesOf(branches[0]!.outputs)
  },
  while: (avals, { test, body, testConstants, bodyConstants }) => {
    const carry = avals.slice(testConstants + bodyConstants)
    checkOperands('while', test, [...avals.slice(0, testConstants), ...carry])
    checkOperands('while', body, [...avals.slice(testConstants, testConstants + bodyConstants), ...carry])
    return carry.map(strong)
  },
}
