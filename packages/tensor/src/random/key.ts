import type { TensorLike } from '../core/array-ops.js'
import { DtypeError } from '../core/errors.js'
import { checkShape, type Shape } from '../core/shape.js'
import type { Tensor } from '../core/tensor.js'
import { bind1 } from '../core/trace.js'
import { evaluation } from '../device/evaluate.js'
import { literalLike, toTensor } from '../ops/operand.js'
import { broadcastTo } from '../ops/shape/shape.js'

/** `key`, checked to be one. */
export const checkKey = (fn: string, key: unknown): Tensor => {
  const isTensor = typeof key === 'object' && key !== null && 'asTensor' in key
  const t = isTensor ? (key as { asTensor(): Tensor }).asTensor() : null
  if (t?.dtype !== 'key') {
    throw new DtypeError(
      `random.${fn}: the first argument must be a random key, got ${t === null ? String(key) : `dtype ${t.dtype}`}; make one with random.key(seed)`,
    )
  }
  return t
}

/** A key from an integer seed (taken modulo 2^32), as `jax.random.key` with threefry. */
export const key = (seed: number): Tensor => {
  if (!Number.isSafeInteger(seed)) throw new TypeError(`random.key: the seed must be an integer, got ${seed}`)
  const low = Number(BigInt.asUintN(32, BigInt(seed)))
  return evaluation.upload(Uint32Array.of(0, low), { shape: [], dtype: 'key', weak: false })
}

/** New keys that do not depend on each other: `n` of them, or an array of them of a shape. */
export const split = (key: TensorLike, n: number | Shape = 2): Tensor => {
  const shape = checkShape('random.split', typeof n === 'number' ? [n] : n)
  return bind1('random_split', [checkKey('split', key)], { shape: [...shape] })
}

/** A key made of a key and a number (modulo 2^32): the i-th of `split` for i. */
export const foldIn = (key: TensorLike, data: TensorLike): Tensor => {
  const k = checkKey('foldIn', key)
  if (typeof data === 'number' && !Number.isInteger(data))
    throw new TypeError(`random.foldIn: data must be an integer, got ${data}`)
  const words = typeof data === 'number' ? literalLike(data >>> 0, 'uint32') : toTensor('random.foldIn', data)
  return bind1('random_fold_in', [k, broadcastTo(words.astype('uint32'), k.shape)], null)
}

/** The two uint32 words of each key, in a trailing axis. */
export const keyData = (key: TensorLike): Tensor => bind1('random_unwrap', [checkKey('keyData', key)], null)

/** Keys from their words: uint32 with a trailing axis of 2. */
export const wrapKeyData = (words: TensorLike): Tensor =>
  bind1('random_wrap', [toTensor('random.wrapKeyData', words)], null)
