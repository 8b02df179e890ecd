import type { Extent } from '../../../kernel/ir.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import { i32Add, i32Load, i32Mul, i32Shl, i32Sub } from '../asm/opcodes.js'
import type { Scope } from './scope.js'

/** A word known while code is written, or in a local. */
export type Scalar = { readonly constant: number } | { readonly local: Local }

export const constant = (value: number): Scalar => ({ constant: value | 0 })
export const zero: Scalar = constant(0)

export const isConstant = (x: Scalar, value: number): boolean => 'constant' in x && x.constant === value

const log2 = (x: number): number => (x > 0 && (x & (x - 1)) === 0 ? 31 - Math.clz32(x) : -1)

/** Arithmetic of words: constants are folded, the rest goes into locals of a scope. */
export class Scalars {
  readonly #f: FunctionBuilder
  readonly #args: Local
  readonly #root: Scope
  readonly #firstParam: number
  readonly #params = new Map<number, Scalar>()
  readonly #scaledParams = new Map<number, Scalar>()

  /** `args` is the address of the step's words, of which the first runtime parameter is number `firstParam`. */
  constructor(f: FunctionBuilder, args: Local, root: Scope, firstParam: number) {
    this.#f = f
    this.#args = args
    this.#root = root
    this.#firstParam = firstParam
  }

  /** A local with what `emit` leaves on the stack. */
  local(at: Scope, emit: () => void): Scalar {
    const local = this.#f.local(i32)
    this.#f.within(at.code, () => {
      emit()
      this.#f.set(local)
    })
    return { local }
  }
  /** The local of a word, made if it is a constant. */
  localOf(at: Scope, x: Scalar): Local {
    if ('local' in x) return x.local
    const made = this.local(at, () => this.push(x))
    return (made as { readonly local: Local }).local
  }
  push(x: Scalar): void {
    if ('constant' in x) this.#f.i32(x.constant)
    else this.#f.get(x.local)
  }
  /** A word of the step's block. */
  word(index: number): Scalar {
    return this.local(this.#root, () => this.#f.get(this.#args).memory(i32Load, 4 * index))
  }
  /** An address in the memory of the running thread. */
  scratch(global: number, offset: number): Scalar {
    return this.local(this.#root, () => {
      this.#f.globalGet(global)
      if (offset !== 0) this.#f.i32(offset).op(i32Add)
    })
  }
  extent(e: Extent): Scalar {
    if (typeof e === 'number') return constant(e)
    let known = this.#params.get(e.param)
    if (known === undefined) this.#params.set(e.param, (known = this.word(this.#firstParam + e.param)))
    return known
  }
  /** An extent times a small constant. */
  scaled(e: Extent, scale: number): Scalar {
    if (typeof e === 'number') return constant(e * scale)
    if (scale === 1) return this.extent(e)
    const key = e.param * 64 + scale
    let known = this.#scaledParams.get(key)
    if (known === undefined)
      this.#scaledParams.set(key, (known = this.multiply(this.#root, this.extent(e), constant(scale))))
    return known
  }

  add(at: Scope, a: Scalar, b: Scalar): Scalar {
    if (isConstant(a, 0)) return b
    if (isConstant(b, 0)) return a
    if ('constant' in a && 'constant' in b) return constant(a.constant + b.constant)
    return this.#binary(at, i32Add, a, b)
  }
  subtract(at: Scope, a: Scalar, b: Scalar): Scalar {
    if (isConstant(b, 0)) return a
    if ('constant' in a && 'constant' in b) return constant(a.constant - b.constant)
    return this.#binary(at, i32Sub, a, b)
  }
  multiply(at: Scope, a: Scalar, b: Scalar): Scalar {
    if ('constant' in a) {
      if ('constant' in b) return constant(Math.imul(a.constant, b.constant))
      return this.multiply(at, b, a)
    }
    if (!('constant' in b)) return this.#binary(at, i32Mul, a, b)
    if (b.constant === 0) return zero
    if (b.constant === 1) return a
    const shift = log2(b.constant)
    return shift > 0 ? this.#binary(at, i32Shl, a, constant(shift)) : this.#binary(at, i32Mul, a, b)
  }
  binary(at: Scope, code: number, a: Scalar, b: Scalar): Scalar {
    return this.#binary(at, code, a, b)
  }
  #binary(at: Scope, code: number, a: Scalar, b: Scalar): Scalar {
    return this.local(at, () => {
      this.push(a)
      this.push(b)
      this.#f.op(code)
    })
  }
}
