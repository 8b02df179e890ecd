import { isFloat, isHalf, isSigned, type StoredDType } from '../../../../core/dtype.js'
import type { ScatterOp } from '../../../../primitives/indexing.js'
import { declarationsOf, type WgslFunction } from '../scalar/library.js'
import { scalarText } from '../scalar/scalar-text.js'
import { loadText, storeText } from '../words.js'

/** How updates change an element: what shaders hold it in, as texts. */
export interface Combination {
  readonly declarations: readonly string[]
  /** A stored word as it is held. */
  load(word: string): string
  /** Both are held. */
  combine(old: string, update: string): string
  /** What is held as it is stored. */
  store(value: string): string
  /** As `store`, but for one that more updates may follow. */
  keep(value: string): string
  /** Whether `keep` and `store` differ. */
  readonly rounds: boolean
}

/** The halves are held as float32 and rounded when all updates are in; narrow integers wrap then. */
export const combinationOf = (op: ScatterOp, dtype: StoredDType): Combination => {
  if (op === 'set')
    return {
      declarations: [],
      load: (word) => word,
      combine: (_, update) => update,
      store: (value) => value,
      keep: (value) => value,
      rounds: false,
    }
  const exact = op === 'min' || op === 'max' || dtype === 'bool'
  const wide: StoredDType = exact ? dtype : isFloat(dtype) ? 'float32' : isSigned(dtype) ? 'int32' : 'uint32'
  const used = new Set<WgslFunction>()
  const use = (name: WgslFunction): string => {
    used.add(name)
    return name
  }
  const combine = (old: string, update: string): string => scalarText(op, [old, update], wide, wide, use)
  const narrow = (value: string): string => (wide === dtype ? value : scalarText('convert', [value], dtype, wide, use))
  combine('a', 'b')
  narrow('a')
  return {
    declarations: declarationsOf(used),
    load: (word) => loadText(word, dtype),
    combine,
    store: (value) => storeText(narrow(value), dtype),
    keep: (value) => storeText(value, wide),
    rounds: isHalf(dtype) && !exact,
  }
}
