/**
 * Products with a vector, which read the matrix once, as it lies, at the speed of memory. A vector is contiguous
 * numbers of the arithmetic (pack.ts packs one: `across` is its stride, depth 1); the matrix is of a float or a 32-bit
 * integer dtype.
 *
 *     dot.combine.<dtype>(n, depth, vector, matrix, rowBytes, into)   into[j] = sum over p of vector[p] * matrix[p, j]
 *     dot.rows.<dtype>(n, depth, vector, matrix, rowBytes, into)      into[j] = sum over p of vector[p] * matrix[j, p]
 *
 * Rows of the matrix are contiguous, `rowBytes` apart; the results are contiguous numbers of the arithmetic. Every
 * result has the bits that tiles give it: blocks of `blockDepth` steps, each in order from zero. Reads up to 28 bytes
 * past a row.
 */
import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { type FunctionBuilder, i32, type Local, v128 } from '../asm/function.js'
import {
  i32Add,
  i32GeS,
  i32GtS,
  i32LtU,
  i32Shl,
  i32Sub,
  v128Load,
  v128Store,
  v128Store32Lane,
  v128Store64Lane,
} from '../asm/opcodes.js'
import type { RoutineDefinition } from '../routine-module.js'
import { blockDepth, rowArea } from './areas.js'
import { type Arithmetic, arithmeticOf, multiplyAdd } from './arithmetic.js'
import { addTo, lesser, setRows, whileAbove0, whileLeft } from './loops.js'
import { gatherLanes, transpose, vectorLoads, widen } from './pack.js'

export const combineName = (dtype: StoredDType): string => `dot.combine.${dtype === 'uint32' ? 'int32' : dtype}`
export const rowsName = (dtype: StoredDType): string => `dot.rows.${dtype === 'uint32' ? 'int32' : dtype}`

/** Matrices that are read as they lie; the narrow integers, rare, are packed. */
const vectorTypes = ['bfloat16', 'float16', 'float32', 'float64', 'int32'] as const
export const isVectorType = (dtype: StoredDType): boolean => dtype === 'uint32' || vectorTypes.some((d) => d === dtype)

/** Columns whose sums the first cache holds. */
const width = 2048

/** Adds `steps` rows, each times its number, to the sums. */
const addRows = (
  f: FunctionBuilder,
  dtype: StoredDType,
  fma: boolean,
  steps: number,
  { vector, row, rowBytes, sums, end }: Readonly<Record<'vector' | 'row' | 'rowBytes' | 'sums' | 'end', Local>>,
  { rows, factors, at, sum }: RowLocals,
): void => {
  const x = arithmeticOf(dtype)
  for (let u = 0; u < steps; u++) {
    f.get(vector)
      .memory(x.loadSplat, u * x.bytes)
      .set(factors[u]!)
    f.get(row).set(rows[u]!)
    addTo(f, row, rowBytes)
  }
  f.increment(vector, steps * x.bytes)
  f.get(sums).set(at)
  f.loop(() => {
    f.get(at).memory(v128Load).set(sum)
    for (let u = 0; u < steps; u++) {
      multiplyAdd(
        f,
        x,
        fma,
        () => f.get(sum),
        () => f.get(factors[u]!),
        () => widen(f.get(rows[u]!).memory(vectorLoads[dtypeBytes(dtype)]!), dtype),
      ).set(sum)
    }
    f.get(at).get(sum).memory(v128Store)
    for (let u = 0; u < steps; u++) f.increment(rows[u]!, x.lanes * dtypeBytes(dtype))
    f.increment(at, 16).get(at).get(end).op(i32LtU).branchIf(0)
  })
}

interface RowLocals {
  readonly rows: readonly Local[]
  readonly factors: readonly Local[]
  readonly at: Local
  readonly sum: Local
}

/** Moves `count` sums into the results, or adds them. */
const emitSums = (f: FunctionBuilder, x: Arithmetic, count: Local, from: Local, into: Local, add: Local): void => {
  whileLeft(f, count, x.lanes, () => {
    f.get(into)
    f.get(add).if(
      () => f.get(into).memory(v128Load).get(from).memory(v128Load).op(x.add),
      () => f.get(from).memory(v128Load),
      v128,
    )
    f.memory(v128Store).increment(into, 16).increment(from, 16)
  })
  whileAbove0(f, count, 1, () => {
    f.get(into)
    f.get(add).if(
      () => f.get(into).memory(x.load).get(from).memory(x.load).op(x.addScalar),
      () => f.get(from).memory(x.load),
      x.scalar,
    )
    f.memory(x.store).increment(into, x.bytes).increment(from, x.bytes)
  })
}

const combine = (dtype: StoredDType): RoutineDefinition => ({
  name: combineName(dtype),
  params: [i32, i32, i32, i32, i32, i32],
  results: [],
  emit: (f, { fma, scratch }) => {
    const [n, depth, vector, matrix, rowBytes, into] = [0, 1, 2, 3, 4, 5]
    const x = arithmeticOf(dtype)
    const word = (): Local => f.local(i32)
    const [columns, left, steps, factorAt, row, sums, end, count, at, result, add] = Array.from(
      { length: 11 },
      word,
    ) as [Local, Local, Local, Local, Local, Local, Local, Local, Local, Local, Local]
    const locals: RowLocals = {
      rows: Array.from({ length: 4 }, word),
      factors: Array.from({ length: 4 }, () => f.local(v128)),
      at: word(),
      sum: f.local(v128),
    }
    f.globalGet(scratch).i32(rowArea.offset).op(i32Add).set(sums)
    whileAbove0(f, n, width, () => {
      lesser(f, n, width).set(columns)
      f.get(sums).get(columns).i32(Math.log2(x.bytes)).op(i32Shl).op(i32Add).set(end)
      f.get(depth).set(left).get(vector).set(factorAt).get(matrix).set(row).i32(0).set(add)
      whileAbove0(f, left, blockDepth, () => {
        f.get(sums).i32(0).get(end).get(sums).op(i32Sub).i32(16).op(i32Add).memoryFill()
        lesser(f, left, blockDepth).set(steps)
        const operands = { vector: factorAt, row, rowBytes, sums, end }
        whileLeft(f, steps, 4, () => addRows(f, dtype, fma, 4, operands, locals))
        whileAbove0(f, steps, 1, () => addRows(f, dtype, fma, 1, operands, locals))
        f.get(columns).set(count).get(sums).set(at).get(into).set(result)
        emitSums(f, x, count, at, result, add)
        f.i32(1).set(add)
      })
      f.increment(matrix, width * dtypeBytes(dtype)).increment(into, width * x.bytes)
    })
  },
})

const rowsTimes = (dtype: StoredDType): RoutineDefinition => ({
  name: rowsName(dtype),
  params: [i32, i32, i32, i32, i32, i32],
  results: [],
  emit: (f, { fma }) => {
    const [n, depth, vector, matrix, rowBytes, into] = [0, 1, 2, 3, 4, 5]
    const x = arithmeticOf(dtype)
    const bytes = dtypeBytes(dtype)
    const groups = 8 / x.lanes
    const word = (): Local => f.local(i32)
    const [left, steps, at] = [word(), word(), word()]
    const rows = Array.from({ length: 8 }, word)
    const vectors = (count: number): Local[] => Array.from({ length: count }, () => f.local(v128))
    const [sums, totals, square, spare] = [vectors(groups), vectors(groups), vectors(x.lanes), vectors(x.lanes)]
    const add = (g: number, lane: number, numbers: () => unknown): void => {
      multiplyAdd(
        f,
        x,
        fma,
        () => f.get(sums[g]!),
        () => f.get(at).memory(x.loadSplat, lane * x.bytes),
        numbers,
      ).set(sums[g]!)
    }
    whileAbove0(f, n, 8, () => {
      setRows(f, rows, matrix, rowBytes, n)
      f.get(depth).set(left).get(vector).set(at)
      for (const v of totals) zero(f, v)
      whileAbove0(f, left, blockDepth, () => {
        for (const v of sums) zero(f, v)
        lesser(f, left, blockDepth).set(steps)
        whileLeft(f, steps, x.lanes, () => {
          sums.forEach((_, g) => {
            square.forEach((v, r) => widen(f.get(rows[g * x.lanes + r]!).memory(vectorLoads[bytes]!), dtype).set(v))
            transpose(f, square, spare).forEach((column, lane) => add(g, lane, () => f.get(column)))
          })
          for (const row of rows) f.increment(row, x.lanes * bytes)
          f.increment(at, 16)
        })
        whileAbove0(f, steps, 1, () => {
          sums.forEach((_, g) => {
            gatherLanes(f, dtype, rows.slice(g * x.lanes, (g + 1) * x.lanes), spare[0]!)
            add(g, 0, () => widen(f.get(spare[0]!), dtype))
          })
          for (const row of rows) f.increment(row, bytes)
          f.increment(at, x.bytes)
        })
        // The first total is the first block's sum itself, as in tiles.
        f.get(left)
          .get(depth)
          .op(i32GeS)
          .if(
            () => totals.forEach((t, g) => f.get(sums[g]!).set(t)),
            () => totals.forEach((t, g) => f.get(t).get(sums[g]!).op(x.add).set(t)),
          )
      })
      f.get(n)
        .i32(8)
        .op(i32GeS)
        .if(
          () =>
            totals.forEach((t, g) =>
              f
                .get(into)
                .get(t)
                .memory(v128Store, g * 16),
            ),
          () =>
            totals.forEach((t, g) => {
              for (let lane = 0; lane < x.lanes; lane++) {
                const j = g * x.lanes + lane
                f.get(n)
                  .i32(j)
                  .op(i32GtS)
                  .if(() => {
                    f.get(into)
                      .get(t)
                      .memoryLane(x.bytes === 8 ? v128Store64Lane : v128Store32Lane, lane, j * x.bytes)
                  })
              }
            }),
        )
      f.increment(into, 8 * x.bytes)
      f.get(matrix).get(rowBytes).i32(3).op(i32Shl).op(i32Add).set(matrix)
    })
  },
})

const zero = (f: FunctionBuilder, v: Local): FunctionBuilder => f.i32x4(0).set(v)

export const vectorRoutines: readonly RoutineDefinition[] = vectorTypes.flatMap((d) => [combine(d), rowsTimes(d)])
