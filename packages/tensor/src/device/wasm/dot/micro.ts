/**
 * One tile of a product, R rows by V vectors of columns, its sums in registers over one block of the contraction:
 *
 *     dot.<f32|f64|i32>.micro<R>x<V>(depth, a, aRow, aStep, b, bStep, c, cRow, add)
 *
 * - C[r, j] (+)= sum over p < depth of A[r, p] * B[p, j], in the order of p, from zero; fused multiply-add where the
 *   module has it (`tileRows`: R = 1 to 6, else 1 to 4), V = 1 or 2. Depth 0 gives zeros.
 * - A[r, p] is read at a + r * aRow + p * aStep, one number at a time, exactly R rows and `depth` numbers of each: a
 *   row-major operand as it lies (aStep = size of a number), any strides, or packed (aRow = size, aStep = tileRows *
 *   size). Never read beyond.
 * - B[p, j] is read at b + p * bStep + j * size, always V whole vectors: packed panels (bStep = panelColumns * size) or
 *   a row-major operand as it lies (bStep = its row), which is read past the last column.
 * - C is row-major, rows `cRow` apart; all V vectors of each row are written. `add` 0 overwrites, 1 adds to what is
 *   there.
 * - Strides are in bytes, operands are numbers of the arithmetic (float32, float64, 32-bit integers), of any alignment.
 *
 * `dot.<..>.block` (block.ts) walks a whole matrix of tiles with edges of any size; `dot.pack...` (pack.ts) packs.
 */
import { i32, type Local, v128 } from '../asm/function.js'
import { i32Add, i32Sub, v128Load, v128Store } from '../asm/opcodes.js'
import type { RoutineDefinition } from '../routine-module.js'
import { type Arithmetic, arithmetics, multiplyAdd, tileRows } from './arithmetic.js'

export const microName = (x: Arithmetic, rows: number, vectors: number): string =>
  `dot.${x.name}.micro${rows}x${vectors}`

/** No unrolling over the contraction: it takes registers, and the sums spill. */
const microKernel = (x: Arithmetic, rows: number, vectors: number): RoutineDefinition => ({
  name: microName(x, rows, vectors),
  params: [i32, i32, i32, i32, i32, i32, i32, i32, i32],
  results: [],
  emit: (f, { fma }) => {
    // More rows than there are registers for: such a tile is not used.
    if (rows > tileRows(x, fma)) {
      f.unreachable()
      return
    }
    const [depth, a, aRow, aStep, b, bStep, c, cRow, add] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    const vector = (): Local => f.local(v128)
    const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, vector))
    const right = Array.from({ length: vectors }, vector)
    const left = vector()
    const rowAt = [a, ...Array.from({ length: rows - 1 }, () => f.local(i32))]
    for (let r = 1; r < rows; r++)
      f.get(rowAt[r - 1]!)
        .get(aRow)
        .op(i32Add)
        .set(rowAt[r]!)
    f.get(depth).if(() => {
      f.loop(() => {
        right.forEach((v, j) =>
          f
            .get(b)
            .memory(v128Load, j * 16)
            .set(v),
        )
        rowAt.forEach((at, r) => {
          f.get(at).memory(x.loadSplat).set(left)
          sums[r]!.forEach((sum, j) => {
            multiplyAdd(
              f,
              x,
              fma,
              () => f.get(sum),
              () => f.get(left),
              () => f.get(right[j]!),
            ).set(sum)
          })
        })
        for (const at of rowAt) f.get(at).get(aStep).op(i32Add).set(at)
        f.get(b).get(bStep).op(i32Add).set(b)
        f.get(depth).i32(1).op(i32Sub).tee(depth).branchIf(0)
      })
    })
    const store = (adding: boolean): void =>
      sums.forEach((row, r) => {
        row.forEach((sum, j) => {
          f.get(c)
          if (adding)
            f.get(c)
              .memory(v128Load, j * 16)
              .get(sum)
              .op(x.add)
          else f.get(sum)
          f.memory(v128Store, j * 16)
        })
        if (r < rows - 1) f.get(c).get(cRow).op(i32Add).set(c)
      })
    f.get(add).if(
      () => store(true),
      () => store(false),
    )
  },
})

export const microKernels: readonly RoutineDefinition[] = arithmetics.flatMap((x) =>
  Array.from({ length: tileRows(x, true) }, (_, r) => [1, 2].map((v) => microKernel(x, r + 1, v))).flat(),
)
