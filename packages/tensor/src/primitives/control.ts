import { ShapeError } from '../core/errors.js'
import { sameShape } from '../core/shape.js'
import type { Program } from '../program/program.js'
import type { RuleTable } from './primitive.js'

export interface ControlParams {
  /** Runs a Program. */
  jit: { readonly program: Program; readonly name: string }
}

export const controlTypes: RuleTable<ControlParams> = {
  jit: (avals, { program, name }) => {
    const fits = avals.length === program.inputs.length && program.inputs.every((v, i) => v.aval.dtype === avals[i]!.dtype && sameShape(v.aval.shape, avals[i]!.shape))
    if (!fits) throw new ShapeError(`jit(${name}): the arguments do not have the types that the program was traced with`)
    return program.outputs.map((o) => o.aval)
  },
}
