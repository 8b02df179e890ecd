import type { Expr, Index } from '../../../kernel/ir.js'
import type { Local } from '../asm/function.js'
import type { Lanes } from '../lanes/lane-emitter.js'
import type { Scalar } from './scalar.js'

/** A sum of an index, scaled: its value in lane 0, what each lane adds, and what changes from lane to lane in no fixed step. */
export interface Sum {
  readonly scalar: Scalar
  readonly step: Scalar
  readonly vary: Local | null
}

/** Code that runs together: what a loop does before its inner loop, or a branch; with the values that it has computed. */
export class Scope {
  readonly code: number[]
  readonly parent: Scope | null
  /** Whether it runs only where tests of a guard hold. */
  readonly guarded: boolean
  /** The lanes for which it runs; all of them unless given. */
  readonly mask: Local | null
  readonly #exprs = new Map<Expr, Lanes>()
  readonly #sums = new Map<Index, Sum>()
  /** Multiples of counters that change here, by factor and axis, and of the lanes' distances from the first. */
  readonly multiples: Map<number, Scalar> = new Map<number, Scalar>()
  readonly strides: Map<number, Local> = new Map<number, Local>()
  distances: Local | null = null

  /** `code` is given where two scopes write into one list, turn by turn. */
  constructor(parent: Scope | null, guarded = false, mask: Local | null = null, code: number[] = []) {
    this.code = code
    this.parent = parent
    this.guarded = guarded
    this.mask = mask
  }

  find(e: Expr): Lanes | undefined {
    return this.#exprs.get(e) ?? this.parent?.find(e)
  }
  keep(e: Expr, lanes: Lanes): Lanes {
    this.#exprs.set(e, lanes)
    return lanes
  }
  findSum(x: Index): Sum | undefined {
    return this.#sums.get(x) ?? this.parent?.findSum(x)
  }
  keepSum(x: Index, sum: Sum): Sum {
    this.#sums.set(x, sum)
    return sum
  }
}

/** The axes whose counters differ from lane to lane. */
export interface VectorAxes {
  /** One bit per axis. */
  readonly axes: number
  /** Outermost first; walked row-major as one. */
  readonly group: readonly number[]
  /** The first lane's position in the group, and the last position that there is. */
  readonly counter: Scalar
  readonly last: Scalar
  /** Per axis of a group of several: its counters in the four lanes. */
  readonly vectors: ReadonlyMap<number, Local>
}

/** Loops in each other, as scopes from the outermost on, and where the counter of each axis is. */
export interface Nest {
  readonly scopes: readonly Scope[]
  /** By axis: the scope in which its counter changes. */
  readonly levels: readonly number[]
  readonly counters: readonly Scalar[]
  readonly vector: VectorAxes | null
  /** Results of reductions, known in the innermost scope. */
  readonly accumulators: readonly Lanes[]
}
