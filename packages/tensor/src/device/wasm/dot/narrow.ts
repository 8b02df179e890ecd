/**
 * Rounding of finished sums to a narrower stored dtype, or wrapping:
 *
 *     dot.narrow.<dtype>(count, from, into)
 *
 * `count` numbers in a row. Reads up to 12 bytes past the last; writes nothing past it.
 */
import { dtypes, dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { type FunctionBuilder, i32, v128 } from '../asm/function.js'
import {
  i16x8NarrowI32x4U,
  i32GeS,
  i32GtS,
  i32Sub,
  i8x16NarrowI16x8U,
  v128And,
  v128Load,
  v128Store16Lane,
  v128Store32Lane,
  v128Store64Lane,
  v128Store8Lane,
} from '../asm/opcodes.js'
import type { RoutineDefinition } from '../routine-module.js'
import { isNative } from './arithmetic.js'
import { narrowBFloat16, narrowFloat16 } from './half.js'

export const narrowName = (dtype: StoredDType): string => `dot.narrow.${dtype}`

const narrowLanes = (f: FunctionBuilder, dtype: StoredDType): void => {
  if (dtype === 'float16') narrowFloat16(f)
  else if (dtype === 'bfloat16') narrowBFloat16(f)
  else f.i32x4(dtypeBytes(dtype) === 1 ? 0xff : 0xffff).op(v128And)
  const packed = f.local(v128)
  f.tee(packed).get(packed).op(i16x8NarrowI32x4U)
  if (dtypeBytes(dtype) === 1) f.tee(packed).get(packed).op(i8x16NarrowI16x8U)
}

const narrow = (dtype: StoredDType): RoutineDefinition => ({
  name: narrowName(dtype),
  params: [i32, i32, i32],
  results: [],
  emit: (f) => {
    const [count, from, into] = [0, 1, 2]
    const bytes = dtypeBytes(dtype)
    const v = f.local(v128)
    f.get(count)
      .i32(0)
      .op(i32GtS)
      .if(() => {
        f.loop(() => {
          f.get(from).memory(v128Load)
          narrowLanes(f, dtype)
          f.set(v)
          f.get(count)
            .i32(4)
            .op(i32GeS)
            .if(
              () =>
                f
                  .get(into)
                  .get(v)
                  .memoryLane(bytes === 1 ? v128Store32Lane : v128Store64Lane, 0),
              () => {
                for (let lane = 0; lane < 3; lane++) {
                  f.get(count)
                    .i32(lane)
                    .op(i32GtS)
                    .if(() => {
                      f.get(into)
                        .get(v)
                        .memoryLane(bytes === 1 ? v128Store8Lane : v128Store16Lane, lane, lane * bytes)
                    })
                }
              },
            )
          f.increment(from, 16).increment(into, 4 * bytes)
          f.get(count).i32(4).op(i32Sub).tee(count).i32(0).op(i32GtS).branchIf(0)
        })
      })
  },
})

export const narrowRoutines: readonly RoutineDefinition[] = dtypes
  .filter((d): d is StoredDType => d !== 'key' && d !== 'bool' && !isNative(d))
  .map(narrow)
