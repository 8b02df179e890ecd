import type { StoredDType } from '../../../../core/dtype.js'
import type { DotPlan } from '../../../../program/routines.js'
import type { Dispatch, StepCode } from '../shader.js'
import { arithmeticOf } from './arithmetic.js'
import { directWork, piecesWork } from './direct.js'
import { type Epilogue, partialSink, resultSink, type Sink } from './epilogue.js'
import { type Method, methodOf } from './method.js'
import { type Operand, operandOf, sizeOfSide } from './operand.js'
import { tilesWork } from './tiles.js'
import { vectorsWork } from './vectors.js'
import type { Work } from './work.js'

/** The dtypes of a product's operands and of what is stored. */
interface DotTypes {
  readonly inputs: readonly StoredDType[]
  readonly output: StoredDType
}

/** Whether buffers can be read and written as vectors of four words, and it helps. */
const isWide = (
  plan: DotPlan,
  method: Method,
  left: Operand,
  right: Operand,
  epilogue: Epilogue | undefined,
): boolean => {
  if (method.kind === 'direct' || !(left.quads || right.quads)) return false
  const lengths = [sizeOfSide(left.side), sizeOfSide(right.side), ...(epilogue?.inputs ?? [])]
  if (lengths.some((length) => length % 4 !== 0)) return false
  if (method.kind === 'tiles') return plan.n % 4 === 0
  // Of several vectors on the right, neighbours in the result belong to different threads.
  return plan.m <= plan.n ? plan.n % 4 === 0 : plan.n === 1 && plan.m % 4 === 0
}

/**
 * The code of a product: of inputs left, right and then those of the epilogue, to one output. Float products are summed
 * in f32 and rounded once; integer ones wrap. In what order numbers are added depends on the plan's four sizes only. It
 * needs nothing that not every adapter has. Throws DeviceError for float64, and for dtypes that cannot be multiplied.
 */
export const emitDot = (plan: DotPlan, types: DotTypes, epilogue?: Epilogue): StepCode => {
  const product = epilogue?.product ?? types.output
  const arithmetic = arithmeticOf(types.inputs.slice(0, 2), product)
  const total = plan.batch * plan.m * plan.n
  if (total === 0) return { dispatches: [], temporaries: [] }
  const method = methodOf(plan)
  const [left, right] = [operandOf(plan, 0), operandOf(plan, 1)]
  const width = isWide(plan, method, left, right, epilogue) ? 4 : 1
  const extra = (epilogue?.inputs ?? []).map((_, i) => 2 + i)
  const output = 2 + extra.length
  const multiply = (sink: Sink): Work => {
    if (method.kind === 'direct') return directWork(plan, arithmetic, sink)
    if (method.kind === 'tiles') return tilesWork(plan, method, left, right, arithmetic, sink)
    const [vector, matrix] = plan.m <= plan.n ? [left, right] : [right, left]
    return vectorsWork(plan, method, vector, matrix, arithmetic, sink)
  }
  const result = (first: number, w: 1 | 4): Sink => resultSink(arithmetic, types.output, epilogue, first, w)
  if (method.kind === 'direct' || method.pieces === 1) {
    const sink = result(2, width)
    return { dispatches: [dispatchOf(multiply(sink), sink, [0, 1, ...extra, output])], temporaries: [] }
  }
  const [parts, sum] = [partialSink(arithmetic, width), result(1, 1)]
  const temporary = output + 1
  return {
    dispatches: [
      dispatchOf(multiply(parts), parts, [0, 1, temporary]),
      dispatchOf(piecesWork(method.pieces, total, arithmetic, sum), sum, [temporary, ...extra, output]),
    ],
    temporaries: [method.pieces * total],
  }
}

/** The last operand is written. */
const dispatchOf = (work: Work, sink: Sink, operands: readonly number[]): Dispatch => ({
  shader: {
    operands: operands.map((_, i) => (i === operands.length - 1 ? 'write' : 'read')),
    threads: work.threads,
    params: work.parameters.length,
    width: sink.width,
    declarations: [...sink.declarations, ...work.declarations],
    body: work.body,
  },
  operands,
  params: work.parameters,
  groups: work.groups,
})
