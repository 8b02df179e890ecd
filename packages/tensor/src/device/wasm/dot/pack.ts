/**
 * Packing of an operand, of any stored dtype, into panels in the order in which tiles read it:
 *
 *     dot.pack.<left|right>.<dtype>(count, depth, source, across, along, into)
 *
 * Element (j, p) of the source, j < count, p < depth, is at source + j * across + p * along (bytes), and goes to number
 * [j / width][p][j % width] at `into`, widened to the arithmetic of its dtype (`arithmeticOf`). `width` is panelColumns
 * for right operands, tileRows for left ones. Numbers past `count` hold anything: lanes of a tile never mix.
 * Reads up to 28 bytes past the last element, and writes up to 4 * width numbers past the last panel.
 */
import { type FunctionBuilder, i32, type Local, v128 } from '../asm/function.js'
import {
  i32Add,
  i32Eq,
  i32Mul,
  i32x4ExtendLowI16x8S,
  i32x4ExtendLowI16x8U,
  i32x4Shl,
  i16x8ExtendLowI8x16S,
  i16x8ExtendLowI8x16U,
  v128Load,
  v128Load16Lane,
  v128Load32Lane,
  v128Load32Zero,
  v128Load64Lane,
  v128Load64Zero,
  v128Load8Lane,
  v128Store,
  v128Store64Lane,
} from '../asm/opcodes.js'
import { dtypeBytes, dtypes, isFloat, isInteger, isSigned, type StoredDType } from '../../../core/dtype.js'
import type { RoutineDefinition } from '../routine-module.js'
import { arithmeticOf, panelColumns, tileRows } from './arithmetic.js'
import { widenFloat16 } from './half.js'
import { addTo, setRows, whileAbove0 } from './loops.js'

export type Side = 'left' | 'right'

/** Operands of 32 bits are moved as they are, whatever they mean. */
const packedAs = (dtype: StoredDType): StoredDType => (dtype === 'int32' || dtype === 'uint32' ? 'float32' : dtype)

export const packName = (dtype: StoredDType, side: Side): string => `dot.pack.${side}.${packedAs(dtype)}`

/** Loads of as many stored elements as a vector of the arithmetic has lanes. */
export const vectorLoads: Readonly<Record<number, number>> = {
  1: v128Load32Zero,
  2: v128Load64Zero,
  4: v128Load,
  8: v128Load,
}
/** Loads of one stored element into a lane. */
const laneLoads: Readonly<Record<number, number>> = {
  1: v128Load8Lane,
  2: v128Load16Lane,
  4: v128Load32Lane,
  8: v128Load64Lane,
}

/** Widens the stored elements in the low lanes of the vector on the stack. */
export const widen = (f: FunctionBuilder, dtype: StoredDType): FunctionBuilder => {
  const bytes = dtypeBytes(dtype)
  if (dtype === 'float16') return widenFloat16(f)
  if (dtype === 'bfloat16') return f.op(i32x4ExtendLowI16x8U).i32(16).op(i32x4Shl)
  if (bytes >= 4) return f
  if (bytes === 1) f.op(isSigned(dtype) ? i16x8ExtendLowI8x16S : i16x8ExtendLowI8x16U)
  return f.op(isSigned(dtype) ? i32x4ExtendLowI16x8S : i32x4ExtendLowI16x8U)
}

/** Collects one stored element from each address into the low lanes of `into`. */
export const gatherLanes = (f: FunctionBuilder, dtype: StoredDType, at: readonly Local[], into: Local): void => {
  f.i32x4(0).set(into)
  at.forEach((address, lane) => {
    f.get(address).get(into).memoryLane(laneLoads[dtypeBytes(dtype)]!, lane).set(into)
  })
}

/** Turns `lanes` vectors, one per row, into one per column. */
export const transpose = (f: FunctionBuilder, rows: readonly Local[], spare: readonly Local[]): readonly Local[] => {
  const [a, b, c, d] = rows
  if (rows.length === 2) {
    f.get(a!).get(b!).shuffle32(0, 1, 4, 5).set(spare[0]!)
    f.get(a!).get(b!).shuffle32(2, 3, 6, 7).set(spare[1]!)
    return spare.slice(0, 2)
  }
  f.get(a!).get(b!).shuffle32(0, 4, 1, 5).set(spare[0]!)
  f.get(a!).get(b!).shuffle32(2, 6, 3, 7).set(spare[1]!)
  f.get(c!).get(d!).shuffle32(0, 4, 1, 5).set(spare[2]!)
  f.get(c!).get(d!).shuffle32(2, 6, 3, 7).set(spare[3]!)
  f.get(spare[0]!).get(spare[2]!).shuffle32(0, 1, 4, 5).set(a!)
  f.get(spare[0]!).get(spare[2]!).shuffle32(2, 3, 6, 7).set(b!)
  f.get(spare[1]!).get(spare[3]!).shuffle32(0, 1, 4, 5).set(c!)
  f.get(spare[1]!).get(spare[3]!).shuffle32(2, 3, 6, 7).set(d!)
  return rows
}

interface PanelLocals {
  /** Where each column of the panel is read. */
  readonly at: readonly Local[]
  readonly into: Local
  /** Steps left. */
  readonly k: Local
  readonly rows: readonly Local[]
  readonly spare: readonly Local[]
}

/** How the panels of one routine are filled. */
interface Filling {
  readonly dtype: StoredDType
  readonly lanes: number
  /** First columns of a panel's vectors. */
  readonly groups: readonly number[]
  /** Bytes of one step of a panel. */
  readonly row: number
  /** Stores the vector on the stack at the address below it; of the last group only what belongs to the panel. */
  readonly store: (group: number, step: number) => void
}

/** Columns are neighbours: each step is copied whole. */
const copySteps = (f: FunctionBuilder, { dtype, groups, row, store }: Filling, along: Local, l: PanelLocals): void => {
  const bytes = dtypeBytes(dtype)
  const first = l.at[0]!
  whileAbove0(f, l.k, 1, () => {
    for (const g of groups) {
      f.get(l.into).get(first)
      widen(f.memory(vectorLoads[bytes]!, g * bytes), dtype)
      store(g, 0)
    }
    addTo(f, first, along)
    f.increment(l.into, row)
  })
}

/** Steps are neighbours: squares of them are transposed. The last square may go past the last step. */
const transposeSteps = (f: FunctionBuilder, { dtype, lanes, groups, row, store }: Filling, l: PanelLocals): void => {
  const bytes = dtypeBytes(dtype)
  whileAbove0(f, l.k, lanes, () => {
    for (const g of groups) {
      l.rows.forEach((v, j) => widen(f.get(l.at[g + j]!).memory(vectorLoads[bytes]!), dtype).set(v))
      transpose(f, l.rows, l.spare).forEach((v, step) => {
        f.get(l.into).get(v)
        store(g, step)
      })
    }
    for (const at of l.at) f.increment(at, lanes * bytes)
    f.increment(l.into, lanes * row)
  })
  f.get(l.into).get(l.k).i32(row).op(i32Mul).op(i32Add).set(l.into)
}

const gatherSteps = (f: FunctionBuilder, { dtype, groups, row, store }: Filling, along: Local, l: PanelLocals): void =>
  whileAbove0(f, l.k, 1, () => {
    for (const g of groups) {
      gatherLanes(f, dtype, l.at.slice(g, g + l.rows.length), l.rows[0]!)
      f.get(l.into)
      widen(f.get(l.rows[0]!), dtype)
      store(g, 0)
    }
    for (const at of l.at) addTo(f, at, along)
    f.increment(l.into, row)
  })

const pack = (dtype: StoredDType, side: Side): RoutineDefinition => ({
  name: packName(dtype, side),
  params: [i32, i32, i32, i32, i32, i32],
  results: [],
  emit: (f, { fma }) => {
    const [count, depth, source, across, along, into] = [0, 1, 2, 3, 4, 5]
    const x = arithmeticOf(dtype)
    const { lanes } = x
    const width = side === 'left' ? tileRows(x, fma) : panelColumns(x)
    const row = width * x.bytes
    const groups = Array.from({ length: Math.ceil(width / lanes) }, (_, g) => g * lanes)
    const store = (group: number, step: number): void => {
      const offset = step * row + group * x.bytes
      if (group + lanes <= width) f.memory(v128Store, offset)
      else f.memoryLane(v128Store64Lane, 0, offset)
    }
    const filling = { dtype, lanes, groups, row, store }
    const vectors = (): readonly Local[] => Array.from({ length: lanes }, () => f.local(v128))
    const at = Array.from({ length: groups.length * lanes }, () => f.local(i32))
    const locals = { at, into, k: f.local(i32), rows: vectors(), spare: vectors() }
    const isContiguous = (stride: Local): FunctionBuilder => f.get(stride).i32(dtypeBytes(dtype)).op(i32Eq)
    whileAbove0(f, count, width, () => {
      setRows(f, at, source, across, count)
      f.get(depth).set(locals.k)
      isContiguous(across).if(
        () => copySteps(f, filling, along, locals),
        () =>
          isContiguous(along).if(
            () => transposeSteps(f, filling, locals),
            () => gatherSteps(f, filling, along, locals),
          ),
      )
      f.get(source).get(across).i32(width).op(i32Mul).op(i32Add).set(source)
    })
  },
})

export const packRoutines: readonly RoutineDefinition[] = dtypes
  .filter((d): d is StoredDType => (isFloat(d) || isInteger(d)) && packedAs(d as StoredDType) === d)
  .flatMap((d) => [pack(d, 'left'), pack(d, 'right')])
