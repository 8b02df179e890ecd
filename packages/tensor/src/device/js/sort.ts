import { dtypeCategory, isHalf, isSigned, type StoredDType, type TypedArray } from '../../core/dtype.js'
import type { Routine } from '../../program/schedule.js'

type Run = (inputs: readonly TypedArray[], outputs: readonly TypedArray[]) => void

/** Writes words whose unsigned order is that of a lane's elements: `length` from `base` on, `step` apart. */
type Spell = (keys: TypedArray, base: number, step: number, words: Uint32Array) => void

const nan = 0xffffffff
/** Negative floats have their bits turned over; -0 counts as 0, NaN comes last. */
const ordered = (bits: number): number =>
  bits === 0x80000000 ? 0x80000000 : bits >>> 31 === 0 ? (bits | 0x80000000) >>> 0 : ~bits >>> 0

const integers =
  (flip: number): Spell =>
  (keys, base, step, words) => {
    for (let i = 0; i < words.length; i++) words[i] = keys[base + i * step]! ^ flip
  }

const float32: Spell = (keys, base, step, words) => {
  const bits = new Uint32Array(keys.buffer, keys.byteOffset, keys.length)
  for (let i = 0; i < words.length; i++) {
    const u = bits[base + i * step]!
    words[i] = (u & 0x7fffffff) > 0x7f800000 ? nan : ordered(u)
  }
}

/** The lower or the upper word of a float64. */
const float64 =
  (upper: boolean): Spell =>
  (keys, base, step, words) => {
    const bits = new Uint32Array(keys.buffer, keys.byteOffset, 2 * keys.length)
    const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
    for (let i = 0; i < words.length; i++) {
      const at = 2 * (base + i * step)
      const low = bits[littleEndian ? at : at + 1]!
      const high = bits[littleEndian ? at + 1 : at]!
      const zero = low === 0 && (high & 0x7fffffff) === 0
      const isNaN = (high & 0x7fffffff) > 0x7ff00000 || ((high & 0x7fffffff) === 0x7ff00000 && low !== 0)
      words[i] = isNaN ? nan : zero ? (upper ? 0x80000000 : 0) : upper ? ordered(high) : high >>> 31 === 0 ? low : ~low
    }
  }

/** The words of a dtype's order, the least significant first. The halves come widened to float32. */
const spellings = (dtype: StoredDType): readonly Spell[] =>
  dtypeCategory(dtype) !== 'float'
    ? [integers(isSigned(dtype) ? -(2 ** 31) : 0)]
    : isHalf(dtype) || dtype === 'float32'
      ? [float32]
      : [float64(false), float64(true)]

const few = 32

/** Sorts positions by their words, keeping the order of equals. */
const insertion = (words: Uint32Array, order: Int32Array): void => {
  for (let i = 1; i < order.length; i++) {
    const at = order[i]!
    const word = words[at]!
    let k = i - 1
    for (; k >= 0 && words[order[k]!]! > word; k--) order[k + 1] = order[k]!
    order[k + 1] = at
  }
}

/** As `insertion`, byte by byte from the lowest, skipping bytes that all words share. */
const radix = (words: Uint32Array, order: Int32Array, spare: Int32Array, counts: Int32Array): void => {
  let from = order
  let to = spare
  const n = words.length
  for (let shift = 0; shift < 32; shift += 8) {
    counts.fill(0)
    for (let i = 0; i < n; i++) counts[(words[i]! >>> shift) & 255]!++
    if (counts[(words[0]! >>> shift) & 255] === n) continue
    let total = 0
    for (let b = 0; b < 256; b++) {
      const count = counts[b]!
      counts[b] = total
      total += count
    }
    for (let i = 0; i < n; i++) {
      const at = from[i]!
      const bucket = (words[at]! >>> shift) & 255
      to[counts[bucket]!++] = at
    }
    ;[from, to] = [to, from]
  }
  if (from !== order) order.set(from)
}

/** Ascending order with NaN last; equal elements (0 and -0 among them) keep theirs. A later key decides between equals of the earlier ones. */
export const compileSort = (r: Extract<Routine, { name: 'sort' }>, dtypes: readonly StoredDType[]): Run => {
  const { outer, length, inner } = r
  const order = new Int32Array(length)
  const spare = new Int32Array(length)
  const words = new Uint32Array(length)
  const counts = new Int32Array(256)
  // Sorting by the last key first and by the first key last: each sort keeps what the ones before it made.
  const keys = dtypes
    .slice(0, r.keys)
    .map((dtype, k) => spellings(dtype).map((spell) => ({ k, spell })))
    .reverse()
    .flat()
  return (inputs, outputs) => {
    for (let lane = 0; lane < outer * inner; lane++) {
      const base = Math.floor(lane / inner) * length * inner + (lane % inner)
      for (let i = 0; i < length; i++) order[i] = i
      for (const { k, spell } of keys) {
        spell(inputs[k]!, base, inner, words)
        if (length <= few) insertion(words, order)
        else radix(words, order, spare, counts)
      }
      inputs.forEach((x, k) => {
        const out = outputs[k]!
        for (let i = 0; i < length; i++) out[base + i * inner] = x[base + order[i]! * inner]!
      })
    }
  }
}
