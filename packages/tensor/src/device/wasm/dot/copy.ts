/** dot.copy<bytes>(count, from, stride, into): `count` elements, `stride` bytes apart, to a contiguous row. */
import { i32 } from '../asm/function.js'
import {
  i32Eq,
  i32Load,
  i32Load16U,
  i32Load8U,
  i32Store,
  i32Store16,
  i32Store8,
  i64Load,
  i64Store,
  v128Load,
  v128Store,
} from '../asm/opcodes.js'
import type { RoutineDefinition } from '../routine-module.js'
import { addTo, whileAbove0, whileLeft } from './loops.js'

export const copyName = (bytes: number): string => `dot.copy${bytes}`

const accesses = [
  [1, i32Load8U, i32Store8],
  [2, i32Load16U, i32Store16],
  [4, i32Load, i32Store],
  [8, i64Load, i64Store],
] as const

export const copyRoutines: readonly RoutineDefinition[] = accesses.map(([bytes, load, store]) => ({
  name: copyName(bytes),
  params: [i32, i32, i32, i32],
  results: [],
  emit: (f) => {
    const [count, from, stride, into] = [0, 1, 2, 3]
    f.get(stride)
      .i32(bytes)
      .op(i32Eq)
      .if(() => {
        whileLeft(f, count, 16 / bytes, () => {
          f.get(into).get(from).memory(v128Load).memory(v128Store)
          f.increment(from, 16).increment(into, 16)
        })
      })
    whileAbove0(f, count, 1, () => {
      f.get(into).get(from).memory(load).memory(store)
      addTo(f, from, stride)
      f.increment(into, bytes)
    })
  },
}))
