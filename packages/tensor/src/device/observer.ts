import type { Tensor } from '../core/tensor.js'
import type { Equation, Program } from '../program/program.js'

/** Looks at the results of everything that runs outside transforms. */
export interface Observer {
  /** One primitive, as an equation of its own. */
  operation(equation: Equation, operands: readonly Tensor[], results: readonly Tensor[]): void
  /** A compiled program. */
  call(name: string, program: Program, operands: readonly Tensor[], results: readonly Tensor[]): void
}

let current: Observer | null = null

export const observer = (): Observer | null => current

/** Installs an observer, or none. One that runs operations itself does so unobserved. */
export const setObserver = (observer: Observer | null): void => {
  current =
    observer === null
      ? null
      : {
          operation: (...args) => unobserved(() => observer.operation(...args)),
          call: (...args) => unobserved(() => observer.call(...args)),
        }
}

const unobserved = (f: () => void): void => {
  const before = current
  current = null
  try {
    f()
  } finally {
    current = before
  }
}
