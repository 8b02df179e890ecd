import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { DtypeError } from '../../../core/errors.js'
import type { DotPlan } from '../../../program/routines.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import { i32Add, i32DivU, i32Load, i32LtS, i32Mul, i32RemU, i32Sub } from '../asm/opcodes.js'
import type { Part, StepCode, Target } from '../step-code.js'
import { arithmeticOf, isNative } from './arithmetic.js'
import { gatherOperand } from './gather.js'
import { whileAbove0 } from './loops.js'
import { divide, type Method, methodOf, type Split } from './method.js'
import { narrowName } from './narrow.js'
import { isStrided, type Operand, pushItem, sizeOfSide, stridedOperand } from './operand.js'
import type { Piece } from './piece.js'
import { prepack, type Prepacked, prepackedBytes } from './prepack.js'
import { emitTiles } from './tiles.js'
import { emitVector } from './vector-part.js'

/** The dtypes of a product's buffers. */
interface DotTypes {
  readonly inputs: readonly StoredDType[]
  readonly outputs: readonly StoredDType[]
}

/** Where the words of temporaries start: after two inputs and an output. */
const firstTemporary = 12
const outputWord = 8

const checkTypes = ({ inputs, outputs }: DotTypes): StoredDType => {
  const [dtype] = inputs
  if (dtype === undefined || dtype === 'bool' || [...inputs, ...outputs].some((d) => d !== dtype)) {
    throw new DtypeError(
      `wasm: a product has operands and result of one number dtype, got ${inputs.join(', ')} and ${outputs.join(', ')}`,
    )
  }
  return dtype
}

const fillZeros = (target: Target, bytes: number): Part => {
  const f = target.module.function([i32, i32, i32])
  f.get(0).memory(i32Load, outputWord).i32(0).i32(bytes).memoryFill()
  return { run: f, units: 1, grain: 1, parallel: false }
}

/** The code of a product. */
interface DotCode extends StepCode {
  /** What units of the last part are, for a kernel that goes on with what a chunk wrote; null where nothing is summed. */
  readonly split: Split | null
}

/**
 * The code of a product of two operands of one number dtype. `by` says what units are: by default what is fastest, and
 * whole rows lie together in the result. Throws DtypeError for bool and for mixed dtypes.
 */
export const emitDot = (
  target: Target,
  plan: DotPlan,
  types: DotTypes,
  { by }: { readonly by?: Split['by'] } = {},
): DotCode => {
  const dtype = checkTypes(types)
  const { batch, m, n } = plan
  const numbers = batch * m * n
  if (numbers === 0) return { parts: [], temporaries: [], split: null }
  if (plan.k === 0) return { parts: [fillZeros(target, numbers * dtypeBytes(dtype))], temporaries: [], split: null }
  const parts: Part[] = []
  const temporaries: number[] = []
  const temporary = (bytes: number): number => firstTemporary + 4 * (temporaries.push(bytes) - 1)
  const operand = (side: DotPlan['left'], word: number): Operand => {
    if (isStrided(side)) return stridedOperand(side, word, dtype)
    const gathered = gatherOperand(target, side, word, temporary(sizeOfSide(side) * dtypeBytes(dtype)), dtype)
    parts.push(gathered.part)
    return gathered.operand
  }
  const left = operand(plan.left, 0)
  const right = operand(plan.right, 4)
  const method = methodOf(plan, left, right, target.fma)
  const { split, prepacks } = divide(plan, method, left, target.fma, by)
  const x = arithmeticOf(dtype)
  const prepacked = prepacks ? prepack(target, plan, right, temporary(prepackedBytes(plan, x))) : null
  if (prepacked !== null) parts.push(prepacked.part)
  const sums = isNative(dtype) ? outputWord : temporary(numbers * x.bytes)
  parts.push(emitProduct(target, plan, method, split, left, right, prepacked, sums))
  return { parts, temporaries, split }
}

const emitProduct = (
  target: Target,
  plan: DotPlan,
  method: Method,
  split: Split,
  left: Operand,
  right: Operand,
  prepacked: Prepacked | null,
  sums: number,
): Part => {
  const { m, n } = plan
  const x = arithmeticOf(left.dtype)
  const f = target.module.function([i32, i32, i32])
  const [args, at, to] = [0, 1, 2]
  const word = (): Local => f.local(i32)
  const [item, first, count, width] = [word(), word(), word(), word()]
  const piece: Piece = { m: word(), n: word(), left: word(), right: word(), into: word() }
  const byRows = split.by === 'rows'
  const [range, whole] = byRows ? [piece.m, piece.n] : [piece.n, piece.m]
  /** Pushes where the piece's numbers are, of `bytes` each, in a result at `address`. */
  const pushResult = (address: number, bytes: number): FunctionBuilder => {
    f.get(args)
      .memory(i32Load, address)
      .get(item)
      .i32(m * n * bytes)
      .op(i32Mul)
      .op(i32Add)
    return f
      .get(first)
      .i32(byRows ? n * bytes : bytes)
      .op(i32Mul)
      .op(i32Add)
  }
  /** Whole rows lie together; of a range of columns each row is rounded by itself. */
  const narrowPiece = (): void => {
    const bytes = dtypeBytes(left.dtype)
    const [from, into, rows, length] = [word(), word(), word(), word()]
    pushResult(sums, x.bytes).set(from)
    pushResult(outputWord, bytes).set(into)
    if (byRows) f.i32(1).set(rows).get(width).i32(n).op(i32Mul).set(length)
    else f.i32(m).set(rows).get(width).set(length)
    whileAbove0(f, rows, 1, () => {
      f.get(length)
        .get(from)
        .get(into)
        .call(target.routine(narrowName(left.dtype)))
      f.increment(from, n * x.bytes).increment(into, n * bytes)
    })
  }
  f.get(at)
    .get(to)
    .op(i32LtS)
    .if(() => {
      f.loop(() => {
        // Units of one item are done together.
        f.get(at).i32(split.perItem).op(i32DivU).set(item)
        f.get(at).i32(split.perItem).op(i32RemU).set(first)
        f.i32(split.perItem).get(first).op(i32Sub).set(count)
        f.get(to).get(at).op(i32Sub).get(count).get(to).get(at).op(i32Sub).get(count).op(i32LtS).select().set(count)
        f.get(at).get(count).op(i32Add).set(at)
        f.get(first).i32(split.size).op(i32Mul).set(first)
        f.get(count).i32(split.size).op(i32Mul).set(count)
        f.i32(byRows ? m : n)
          .get(first)
          .op(i32Sub)
          .set(range)
        f.get(count).get(range).get(count).get(range).op(i32LtS).select().tee(range).set(width)
        f.i32(byRows ? n : m).set(whole)
        pushItem(f, args, left, item)
        if (byRows) f.get(first).i32(left.across).op(i32Mul).op(i32Add)
        f.set(piece.left)
        if (prepacked === null) pushItem(f, args, right, item)
        else f.get(args).memory(i32Load, prepacked.word)
        if (!byRows) f.get(first).i32(right.across).op(i32Mul).op(i32Add)
        f.set(piece.right)
        pushResult(sums, x.bytes).set(piece.into)
        if (method.kind === 'tiles') emitTiles(target, f, plan, method, left, right, piece, prepacked)
        else emitVector(target, f, plan, method, piece)
        if (sums !== outputWord) narrowPiece()
        f.get(at).get(to).op(i32LtS).branchIf(0)
      })
    })
  return { run: f, units: split.units, grain: split.grain, parallel: true }
}
