import { isFloat, isSigned, type StoredDType } from '../../../../core/dtype.js'

/** How elements become words whose unsigned order is theirs, with NaN last and -0 equal to 0. */
export interface Spelling {
  readonly declarations: readonly string[]
  /** The text of the word that a stored word becomes. */
  word(stored: string): string
}

/** Negative floats have their bits turned over, others their sign only. */
const float: Spelling = {
  declarations: [
    `fn spelled(bits: u32) -> u32 {
  if ((bits & 0x7fffffffu) > 0x7f800000u) { return 0xffffffffu; }
  if (bits == 0x80000000u) { return bits; }
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) != 0u);
}`,
  ],
  word: (stored) => `spelled(${stored})`,
}
const signed: Spelling = { declarations: [], word: (stored) => `(${stored} ^ 0x80000000u)` }
const unsigned: Spelling = { declarations: [], word: (stored) => stored }

export const spellingOf = (dtype: StoredDType): Spelling =>
  isFloat(dtype) ? float : isSigned(dtype) ? signed : unsigned
