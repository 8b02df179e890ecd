import type { StoredDType } from '../../../../core/dtype.js'
import { storeText } from '../words.js'
import type { Arithmetic } from './arithmetic.js'
import { wordText } from './operand.js'

/** What becomes of every number of a product before it is stored, so that it need not be stored and read again. */
export interface Epilogue {
  /** The dtype to which the product is rounded before. */
  readonly product: StoredDType
  /** The lengths, in words, of more inputs of the step, after the two operands. */
  readonly inputs: readonly number[]
  /** Functions that `value` calls. */
  readonly declarations: readonly string[]
  /**
   * The number to store, in the register of the output's dtype, from a name for the number of the product and one for its
   * position in the row-major result. `word` gives the text of word `at` (a name, or text in parentheses) of an input,
   * counted from the first after the operands.
   */
  readonly value: (product: string, at: string, word: (input: number, at: string) => string) => string
}

/** Where numbers of a product go: a shader's operands from `first` on are the epilogue's inputs, then the output. */
export interface Sink {
  readonly width: 1 | 4
  readonly out: number
  readonly declarations: readonly string[]
  /** The word to store for the finished sum `sum` at `at`, both names. */
  readonly word: (sum: string, at: string) => string
}

/** Stores what an epilogue makes of the products. */
export const resultSink = (
  arithmetic: Arithmetic,
  output: StoredDType,
  epilogue: Epilogue | undefined,
  first: number,
  width: 1 | 4,
): Sink => {
  const inputs = epilogue?.inputs.length ?? 0
  const word = (input: number, at: string): string => wordText(first + input, at, width)
  return {
    width,
    out: first + inputs,
    declarations: [...arithmetic.declarations, ...(epilogue?.declarations ?? [])],
    word: (sum, at) =>
      storeText(
        epilogue === undefined ? arithmetic.finish(sum) : epilogue.value(arithmetic.finish(sum), at, word),
        output,
      ),
  }
}

/** Stores sums as they are, for a later dispatch to add. */
export const partialSink = (arithmetic: Arithmetic, width: 1 | 4): Sink => ({
  width,
  out: 2,
  declarations: [],
  word: (sum) => (arithmetic.type === 'u32' ? sum : `bitcast<u32>(${sum})`),
})

/** Statements that store `sum`, a name, at `at`, any text. */
export const storeOne = (sink: Sink, sum: string, at: string): string =>
  `{ let at = ${at}; let x = ${sum}; $${sink.out}[at] = ${sink.word('x', 'at')}; }`

/** Statements that store the four numbers of a vector from `at` on, where the first `count` of them lie in the result. */
export const storeQuad = (sink: Sink, sums: readonly string[], at: string, count: string): string => {
  if (sink.width === 1)
    return sums.map((sum, j) => `if (${j} < ${count}) ${storeOne(sink, sum, j === 0 ? at : `${at} + ${j}`)}`).join('\n')
  const lets = sums.map((sum, j) => `let x${j} = ${sum}; let at${j} = ${at} + ${j};`).join(' ')
  const words = sums.map((_, j) => sink.word(`x${j}`, `at${j}`)).join(', ')
  return `if (0 < ${count}) { ${lets} $${sink.out}[(at0 >> 2)] = vec4<u32>(${words}); }`
}
