import { DtypeError, ShapeError } from '../core/errors.js'
import { formatShape, sameShape, type Shape } from '../core/shape.js'
import type { RuleTable } from './primitive.js'

/** Threefry-2x32 with the counter layout of `jax_threefry_partitionable`. Every key of a batch is treated alone. */
export interface RandomParams {
  /** Operand: a scalar key. 32 random bits per element. */
  random_bits: { readonly shape: Shape }
  /** Operand: keys of shape B. Result: keys of shape B + shape. */
  random_split: { readonly shape: Shape }
  /** Operands: keys and uint32 data of one shape. */
  random_fold_in: null
  /** Keys to their words: adds a trailing axis of 2. */
  random_unwrap: null
  /** Words (uint32, trailing axis of 2) to keys. */
  random_wrap: null
}

const needKey = (name: string, dtype: string): void => {
  if (dtype !== 'key')
    throw new DtypeError(`${name}: needs a random key, got dtype ${dtype}; make one with random.key(seed)`)
}

export const randomTypes: RuleTable<RandomParams> = {
  random_bits: ([key], { shape }, name) => {
    needKey(name, key!.dtype)
    return [{ shape: [...key!.shape, ...shape], dtype: 'uint32', weak: false }]
  },
  random_split: ([key], { shape }, name) => {
    needKey(name, key!.dtype)
    return [{ shape: [...key!.shape, ...shape], dtype: 'key', weak: false }]
  },
  random_fold_in: ([key, data], _params, name) => {
    needKey(name, key!.dtype)
    if (data!.dtype !== 'uint32' || !sameShape(key!.shape, data!.shape)) {
      throw new ShapeError(
        `${name}: data must be uint32 of the keys' shape ${formatShape(key!.shape)}, got ${data!.dtype} ${formatShape(data!.shape)}`,
      )
    }
    return [key!]
  },
  random_unwrap: ([key], _params, name) => {
    needKey(name, key!.dtype)
    return [{ shape: [...key!.shape, 2], dtype: 'uint32', weak: false }]
  },
  random_wrap: ([words], _params, name) => {
    if (words!.dtype !== 'uint32' || words!.shape[words!.shape.length - 1] !== 2) {
      throw new ShapeError(
        `${name}: key data is uint32 with a trailing axis of 2, got ${words!.dtype} ${formatShape(words!.shape)}`,
      )
    }
    return [{ shape: words!.shape.slice(0, -1), dtype: 'key', weak: false }]
  },
}
