/** Numbers a step's temporaries after its other operands. */
export class Temporaries {
  readonly words: number[] = []
  readonly #first: number

  constructor(operands: number) {
    this.#first = operands
  }

  /** The operand number of a new one. */
  add(words: number): number {
    return this.#first + this.words.push(words) - 1
  }
}
