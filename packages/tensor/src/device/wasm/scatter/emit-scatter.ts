import { dtypeBytes, isHalf, isSigned, type StoredDType } from '../../../core/dtype.js'
import { sizeOf } from '../../../core/shape.js'
import type { Routine } from '../../../program/schedule.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import {
  i32Add,
  i32GeU,
  i32Load,
  i32Load16S,
  i32Load16U,
  i32Load8S,
  i32Load8U,
  i32LtU,
  i32Mul,
  i32Sub,
} from '../asm/opcodes.js'
import { forCount, forRange } from '../conv/loop.js'
import { whileLeft } from '../dot/loops.js'
import { laneEmitter } from '../kernels/kernel.js'
import { emitOp } from '../lanes/emit-op.js'
import type { LaneEmitter } from '../lanes/lane-emitter.js'
import type { Part, StepCode, Target } from '../step-code.js'
import { emitBlocks } from './blocks.js'
import { type Combination, combineOne, combineRow } from './elements.js'
import { type WindowAxis, windowAxes } from './window.js'

type Plan = Extract<Routine, { name: 'scatter' }>

interface ScatterTypes {
  readonly inputs: readonly StoredDType[]
  readonly outputs: readonly StoredDType[]
}

/** Elements of a unit where a window is one axis: a cache line of float32. */
const blockElements = 16
/** Elements of a chunk that is worth handing to a thread. */
const chunkElements = 1 << 15

const copying = (dtype: StoredDType): Combination => ({ into: dtype, from: dtype, combine: null })

const loadIndex = (f: FunctionBuilder, dtype: StoredDType): FunctionBuilder => {
  const bytes = dtypeBytes(dtype)
  if (bytes === 4) return f.memory(i32Load)
  const [byte, short] = isSigned(dtype) ? [i32Load8S, i32Load16S] : [i32Load8U, i32Load16U]
  return f.memory(bytes === 2 ? short : byte)
}

/** How threads share a window: by its first axis, in units of `size`, as no two updates of one element may swap. */
interface Shares {
  readonly units: number
  readonly size: number
  /** Whether each unit goes through all updates by itself, as its elements lie far apart. */
  readonly apart: boolean
}

const sharesOf = (axes: readonly WindowAxis[]): Shares => {
  const [first] = axes
  if (first === undefined) return { units: 1, size: 1, apart: false }
  const size = axes.length === 1 ? blockElements : 1
  return { units: Math.ceil(first.extent / size), size, apart: axes.length === 1 && first.into !== 1 }
}

/** The windows at the indices in words 1 and up of the arguments, the updates in the word after them. */
const emitUpdates = (
  target: Target,
  plan: Plan,
  indices: readonly StoredDType[],
  c: Combination,
  word: number,
): Part => {
  const axes = windowAxes(plan.window.shape, plan.window.strides)
  const { units, size, apart } = sharesOf(axes)
  const f = target.module.function([i32, i32, i32])
  const { e } = laneEmitter(target, f)
  const [args, from, to] = [0, 1, 2]
  const local = (): Local => f.local(i32)
  const [base, update, start, count] = [local(), local(), local(), local()]
  const shared = axes[0] ?? { extent: 1, into: 0, from: 0 }
  const point = (at: number, stride: number, pointer: Local): void => {
    f.get(args).memory(i32Load, 4 * at)
    f.get(start).i32(stride).op(i32Mul).op(i32Add).set(pointer)
  }
  /** Units `first` to `end`, which it pushes. */
  const some = (first: Local, end: () => void): void => {
    f.get(first).i32(size).op(i32Mul).set(start)
    end()
    f.i32(size).op(i32Mul).tee(count).i32(shared.extent)
    f.get(count).i32(shared.extent).op(i32LtU).select().get(start).op(i32Sub).set(count)
    point(word, shared.into * dtypeBytes(c.into), base)
    point(indices.length + 1, shared.from * dtypeBytes(c.from), update)
    eachUpdate(e, plan, indices, c, { base, update, count }, axes)
  }
  if (apart) forRange(f, from, to, (unit) => some(unit, () => f.get(unit).i32(1).op(i32Add)))
  else some(from, () => f.get(to))
  const perUnit = (plan.updates * sizeOf(plan.window.shape)) / units
  return { run: f, units, grain: Math.ceil(chunkElements / perUnit), parallel: true }
}

/** Where a part of the windows lies, of the one at index 0 and of the first update; `count` elements of the first axis. */
interface Share {
  readonly base: Local
  readonly update: Local
  readonly count: Local
}

/** All updates of a share in order. */
const eachUpdate = (
  e: LaneEmitter,
  plan: Plan,
  indices: readonly StoredDType[],
  c: Combination,
  { base, update, count }: Share,
  axes: readonly WindowAxis[],
): void => {
  const { f } = e
  const local = (): Local => f.local(i32)
  const [into, left] = [local(), local()]
  const pointers = indices.map((_, k) => {
    const pointer = local()
    f.get(0)
      .memory(i32Load, 4 * (k + 1))
      .set(pointer)
    return pointer
  })
  f.i32(plan.updates).set(left)
  whileLeft(f, left, 1, () => {
    f.block(() => {
      f.get(base).set(into)
      indices.forEach((dtype, k) => {
        const index = local()
        // A negative index is a large number.
        loadIndex(f.get(pointers[k]!), dtype).tee(index).i32(plan.extents[k]!).op(i32GeU).branchIf(0)
        f.get(into)
          .get(index)
          .i32(plan.strides[k]! * dtypeBytes(c.into))
          .op(i32Mul)
          .op(i32Add)
          .set(into)
      })
      walkWindow(e, c, axes, into, update, count)
    })
    f.increment(update, sizeOf(plan.window.shape) * dtypeBytes(c.from))
    indices.forEach((dtype, k) => f.increment(pointers[k]!, dtypeBytes(dtype)))
  })
}

/** Combines the elements of a window at the addresses in two locals; of the first axis only `count`. */
const walkWindow = (
  e: LaneEmitter,
  c: Combination,
  axes: readonly WindowAxis[],
  into: Local,
  from: Local,
  count: Local,
): void => {
  const { f } = e
  const walk = (depth: number, into: Local, from: Local): void => {
    const axis = axes[depth]
    if (axis === undefined) return combineOne(e, c, into, from)
    const [write, read, left] = [f.local(i32), f.local(i32), f.local(i32)]
    f.get(into).set(write).get(from).set(read)
    const extent = (): FunctionBuilder => (depth === 0 ? f.get(count) : f.i32(axis.extent))
    if (depth === axes.length - 1 && axis.into === 1) {
      extent().set(left)
      return combineRow(e, c, write, read, left, axis.extent)
    }
    const body = (): void => {
      walk(depth + 1, write, read)
      f.increment(write, axis.into * dtypeBytes(c.into)).increment(read, axis.from * dtypeBytes(c.from))
    }
    if (depth > 0) return void forCount(f, axis.extent, 1, body)
    extent().set(left)
    whileLeft(f, left, 1, body)
  }
  walk(0, into, from)
}

/**
 * Windows of a copy of the operand combined with updates, in order; windows outside are left out. Sums and products of
 * halves are rounded when all updates are in.
 */
export const emitScatter = (target: Target, plan: Plan, { inputs }: ScatterTypes): StepCode => {
  const dtype = inputs[0]!
  const { op } = plan
  const length = lengthOf(plan)
  const [operand, output, temporary] = [0, inputs.length, inputs.length + 1]
  const update = (c: Combination, word: number): readonly Part[] =>
    plan.updates === 0 ? [] : [emitUpdates(target, plan, inputs.slice(1, -1), c, word)]
  if (!isHalf(dtype) || (op !== 'add' && op !== 'mul')) {
    const combine: Combination['combine'] = op === 'set' ? null : (e, old, x) => emitOp(e, op, dtype, dtype, [old(), x])
    return {
      parts: [
        emitBlocks(target, copying(dtype), length, output, operand),
        ...update({ into: dtype, from: dtype, combine }, output),
      ],
      temporaries: [],
    }
  }
  const convert = (into: StoredDType, from: StoredDType): Combination => ({
    into,
    from,
    combine: (e, _old, x) => emitOp(e, 'convert', into, from, [x]),
  })
  const combine: Combination['combine'] = (e, old, x) =>
    emitOp(e, op, 'float32', 'float32', [old(), emitOp(e, 'convert', 'float32', dtype, [x])])
  return {
    parts: [
      emitBlocks(target, convert('float32', dtype), length, temporary, operand),
      ...update({ into: 'float32', from: dtype, combine }, temporary),
      emitBlocks(target, convert(dtype, 'float32'), length, output, temporary),
    ],
    temporaries: [4 * length],
  }
}

/** Elements of the target. */
const lengthOf = ({ extents, window }: Plan): number => sizeOf(extents) * sizeOf(window.shape)
