import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { DtypeError } from '../../../core/errors.js'
import { sizeOf } from '../../../core/shape.js'
import type { ConvPlan } from '../../../program/conv-plan.js'
import { i32 } from '../asm/function.js'
import { i32Add, i32Load, i32LtS, i32Mul, i32Sub } from '../asm/opcodes.js'
import { isNative, panelColumns } from '../dot/arithmetic.js'
import { narrowName } from '../dot/narrow.js'
import type { Part, StepCode, Target } from '../step-code.js'
import { emitZeros } from './copy.js'
import { divide } from './division.js'
import { type ConvGeometry, convGeometry, rowMajor, sharesVectors } from './geometry.js'
import { emitImage, emitOffsets, emitPanels, emitWeights, panelBytes } from './operands.js'
import { emitPhasePanels, type Phase, phasesOf } from './phases.js'
import { emitProduct } from './product.js'

/** The dtypes of a convolution's buffers. */
export interface ConvTypes {
  readonly inputs: readonly StoredDType[]
  readonly outputs: readonly StoredDType[]
}

/** The words of a step's arguments: the operand, the kernel, the result, then temporaries. */
const [operandWord, resultWord, firstTemporary] = [0, 2, 3]
const narrowedAtOnce = 1 << 14

const checkTypes = ({ inputs, outputs }: ConvTypes): StoredDType => {
  const [dtype] = inputs
  if (dtype === undefined || dtype === 'bool' || [...inputs, ...outputs].some((d) => d !== dtype))
    throw new DtypeError(
      `wasm: a convolution has operands and result of one number dtype, got ${inputs.join(', ')} and ${outputs.join(', ')}`,
    )
  return dtype
}

/** A part that rounds or wraps finished sums to the result's dtype. */
const emitNarrow = (target: Target, dtype: StoredDType, size: number, word: number): Part => {
  const f = target.module.function([i32, i32, i32])
  const [from, to] = [f.local(i32), f.local(i32)]
  f.get(1).i32(narrowedAtOnce).op(i32Mul).set(from)
  f.get(2).i32(narrowedAtOnce).op(i32Mul).set(to)
  f.get(to).i32(size).get(to).i32(size).op(i32LtS).select().get(from).op(i32Sub)
  f.get(0)
    .memory(i32Load, 4 * word)
    .get(from)
    .i32(4)
    .op(i32Mul)
    .op(i32Add)
  f.get(0)
    .memory(i32Load, 4 * resultWord)
    .get(from)
    .i32(dtypeBytes(dtype))
    .op(i32Mul)
    .op(i32Add)
  f.call(target.routine(narrowName(dtype)))
  return { run: f, units: Math.ceil(size / narrowedAtOnce), grain: 1, parallel: true }
}

/** Temporaries that are used one after the other for the same purpose share their bytes. */
class Temporaries {
  readonly bytes: number[] = []
  readonly #words = new Map<string, number>()

  word(purpose: string, bytes: number): number {
    const word = this.#words.get(purpose) ?? firstTemporary + this.bytes.push(0) - 1
    this.#words.set(purpose, word)
    this.bytes[word - firstTemporary] = Math.max(this.bytes[word - firstTemporary]!, bytes)
    return word
  }
}

/** Bytes of the kernel as products read it. */
const kernelBytes = (geometry: ConvGeometry): number => {
  const { plan, arithmetic, terms, grouped } = geometry
  return grouped
    ? terms * plan.groups * plan.n * arithmetic.bytes
    : plan.groups * Math.ceil(plan.n / panelColumns(arithmetic)) * panelBytes(geometry)
}

/**
 * The code of a convolution of operands of one dtype, a float or an integer. Halves are summed in float32 and rounded
 * once, integers wrap. What lies outside the operand counts as 0, times whatever the kernel holds.
 */
export const emitConv = (target: Target, plan: ConvPlan, types: ConvTypes): StepCode => {
  const dtype = checkTypes(types)
  const size = plan.batch * sizeOf(plan.out) * plan.groups * plan.n
  if (size === 0) return { parts: [], temporaries: [] }
  if (plan.features * sizeOf(plan.window) === 0)
    return { parts: [emitZeros(target, resultWord, size * dtypeBytes(dtype))], temporaries: [] }

  const temporaries = new Temporaries()
  const whole = convGeometry(plan, dtype)
  const kernel = temporaries.word('kernel', kernelBytes(whole))
  const parts: Part[] = [(whole.grouped ? emitWeights : emitPanels)(target, whole, dtype, kernel)]
  const result = isNative(dtype) ? resultWord : temporaries.word('sums', size * whole.arithmetic.bytes)

  const emitPhase = (phase: Phase, alone: boolean): void => {
    const geometry = alone ? whole : convGeometry(phase.plan, dtype, phase.result)
    const { image, arithmetic } = geometry
    const offsets = temporaries.word('offsets', 4 * geometry.runs)
    parts.push(emitOffsets(target, geometry, offsets))
    const copied = image.copied * arithmetic.bytes
    const imageWord = copied > 0 ? temporaries.word('image', copied) : operandWord
    if (copied > 0) parts.push(...emitImage(target, geometry, dtype, imageWord))
    const own = alone ? kernel : temporaries.word('terms', kernelBytes(geometry))
    if (!alone) parts.push(emitPhasePanels(target, whole, geometry, phase, kernel, own))
    const words = { image: imageWord, kernel: own, offsets, result }
    parts.push(emitProduct(target, geometry, divide(geometry, target.fma), words))
  }

  const rows = rowMajor(plan.out)
  // Where groups share vectors the kernel has another order.
  const phases = sharesVectors(plan, dtype) ? [] : phasesOf(plan, rows)
  if (phases.length > 1) for (const phase of phases) emitPhase(phase, false)
  else emitPhase({ plan, result: rows, first: [], step: [] }, true)
  if (!isNative(dtype)) parts.push(emitNarrow(target, dtype, size, result))
  return { parts, temporaries: temporaries.bytes }
}
