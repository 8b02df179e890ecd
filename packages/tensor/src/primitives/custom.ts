import type { Program } from '../program/program.js'

/**
 * Data that may refer to itself: `tie` hands the reference to `make`, and its value is there once `make` has returned.
 * A derivative rule that calls the function that it belongs to is such data.
 */
export class Tied<T> {
  #value: T | null = null

  static tie<T extends object>(make: (self: Tied<T>) => T): Tied<T> {
    const self = new Tied<T>()
    self.#value = make(self)
    return self
  }

  /** Null while the value is being made. */
  get made(): T | null {
    return this.#value
  }

  get value(): T {
    if (this.#value === null) throw new Error('Tied: the value was read before it was made')
    return this.#value
  }
}

/** The programs of a reverse rule; each begins with the function's captured values. */
export interface VjpPrograms {
  /** From the function's inputs: its outputs, then residuals. */
  readonly forward: Program
  /** From residuals and the cotangents of the floating-point outputs: cotangents of the inputs. */
  readonly backward: Program
  /** Per input, captured values included, whether the backward program has an output for it. */
  readonly flows: readonly boolean[]
}

/** The program of a forward rule, which begins with the function's captured values. */
export interface JvpPrograms {
  /** From the function's inputs and tangents of the floating-point ones: the outputs, then tangents of the floating-point ones. */
  readonly forward: Program
}

/** A program with a derivative of its own. */
interface Custom<Rule extends object> {
  readonly program: Program
  readonly name: string
  /** How many leading inputs are values that the function captured. */
  readonly constants: number
  readonly rule: Tied<Rule>
}

export interface CustomParams {
  custom_jvp: Custom<JvpPrograms>
  custom_vjp: Custom<VjpPrograms>
}
