import { dtypeBytes, type StoredDType } from '../../../core/dtype.js'
import { fitOf } from '../../../core/host.js'
import type { Expr, Kernel } from '../../../kernel/ir.js'
import { type FunctionBuilder, type Local, v128 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import { constant as constantLanes } from '../lanes/constant.js'
import { emitOp } from '../lanes/emit-op.js'
import type { LaneEmitter, Lanes } from '../lanes/lane-emitter.js'
import { type Dependence, onData } from './dependence.js'
import { loadEach, loadNeighbours, loadSplat, reverseLanes } from './lane-memory.js'
import { isConstant, type Scalar, type Scalars, zero } from './scalar.js'
import { type Nest, Scope, type Sum } from './scope.js'
import { Sums } from './sums.js'

type Load = Extract<Expr, { kind: 'load' }>
type Guard = Extract<Expr, { kind: 'guard' }>

/** Where an input is, and the offset of the last element that may be read: of inputs that data leads into. */
export interface Operand {
  readonly address: Scalar
  readonly limit: Scalar | null
}

export const newLanes = (f: FunctionBuilder, dtype: StoredDType): Lanes =>
  dtype === 'float64' ? [f.local(v128), f.local(v128)] : [f.local(v128)]

export const copyLanes = (f: FunctionBuilder, from: Lanes, to: Lanes): void => {
  to.forEach((local, i) => f.get(from[i]!).set(local))
}

/** Four values of every expression of a kernel, each in the outermost scope that knows it. */
export class Values {
  readonly e: LaneEmitter
  readonly f: FunctionBuilder
  readonly scalars: Scalars
  readonly sums: Sums
  readonly #dependence: Dependence
  readonly #inputs: readonly Operand[]

  constructor(
    e: LaneEmitter,
    scalars: Scalars,
    kernel: Kernel,
    dependence: Dependence,
    inputs: readonly Operand[],
    nest: Nest,
  ) {
    this.e = e
    this.f = e.f
    this.scalars = scalars
    this.#dependence = dependence
    this.#inputs = inputs
    this.sums = new Sums(e.f, scalars, dependence, [...kernel.grid, ...kernel.reduce], nest, (x, at) =>
      this.evaluate(x, at),
    )
  }

  /** Loops that the expressions asked for next run in. */
  get nest(): Nest {
    return this.sums.nest
  }
  set nest(nest: Nest) {
    this.sums.nest = nest
  }

  /** The lanes of `x`, computed in `at` or further out. */
  evaluate(x: Expr, at: Scope): Lanes {
    const known = at.find(x)
    if (known !== undefined) return known
    if (x.kind === 'const') return this.constant(x.dtype, x.value, x)
    if (x.kind === 'acc') return this.nest.accumulators[x.acc]!
    const place =
      at.guarded && !this.#dependence.always.has(x) ? at : this.nest.scopes[this.sums.level(this.#dependence.expr(x))]!
    return place.keep(x, this.#make(x, place))
  }
  constant(dtype: StoredDType, value: number, key: Expr | null = null): Lanes {
    const { root } = this.sums
    let lanes: Lanes = []
    this.f.within(root.code, () => (lanes = constantLanes(this.e, dtype, fitOf(dtype)(value))))
    return key === null ? lanes : root.keep(key, lanes)
  }

  #within(at: Scope, emit: () => Lanes): Lanes {
    let lanes: Lanes = []
    this.f.within(at.code, () => (lanes = emit()))
    return lanes
  }

  #make(x: Exclude<Expr, { kind: 'const' | 'acc' }>, at: Scope): Lanes {
    switch (x.kind) {
      case 'index': {
        const words = this.sums.lanes(this.sums.plain(x.of, at), at)
        return x.dtype === 'int32'
          ? [words]
          : this.#within(at, () => emitOp(this.e, 'convert', x.dtype, 'int32', [[words]]))
      }
      case 'load':
        return this.#load(x, at)
      case 'call': {
        const args = x.args.map((a) => this.evaluate(a, at))
        const argType = (x.op === 'select' ? x.args[1]! : x.args[0]!).dtype
        return this.#within(at, () => emitOp(this.e, x.op, x.dtype, argType, args))
      }
      case 'guard':
        return this.#guard(x, at)
    }
  }

  #load(x: Load, at: Scope): Lanes {
    const { f, e, sums, scalars: s } = this
    const bytes = dtypeBytes(x.dtype)
    const { address, limit } = this.#inputs[x.input]!
    const free = (this.#dependence.index(x.at) & onData) !== 0
    const sum = sums.sum(x.at, bytes, free ? zero : address, at)
    const neighbours = sum.vary === null && (isConstant(sum.step, bytes) || isConstant(sum.step, -bytes))
    if (sum.vary === null && (neighbours || isConstant(sum.step, 0))) {
      const start = free ? this.#inside(sum.scalar, limit!, bytes, address, at) : sum.scalar
      return this.#within(at, () => {
        if (isConstant(sum.step, 0)) return loadSplat(e, x.dtype, () => s.push(start))
        if (isConstant(sum.step, bytes)) return loadNeighbours(e, x.dtype, () => s.push(start))
        const ahead = loadNeighbours(e, x.dtype, () => {
          s.push(start)
          f.i32(3 * bytes).op(code.i32Sub)
        })
        return reverseLanes(f, ahead)
      })
    }
    return this.#loadScattered(x, sum, free, at)
  }

  /** An address computed from data, kept in the buffer but for the lanes beside the ones in use. */
  #inside(offset: Scalar, limit: Scalar, bytes: number, address: Scalar, at: Scope): Scalar {
    const { f, scalars: s } = this
    const slack = 3 * bytes
    const shifted = s.local(at, () => {
      s.push(offset)
      f.i32(slack).op(code.i32Add)
    })
    const top = s.add(this.sums.root, limit, { constant: slack })
    const least = s.local(at, () => {
      s.push(shifted)
      s.push(top)
      s.push(shifted)
      s.push(top)
      f.op(code.i32LtU).select()
    })
    return s.local(at, () => {
      s.push(least)
      s.push(address)
      f.op(code.i32Add).i32(slack).op(code.i32Sub)
    })
  }

  /** Loads lane by lane. Lanes that are off read the buffer's first element. */
  #loadScattered(x: Load, sum: Sum, free: boolean, at: Scope): Lanes {
    const { f, e, sums, scalars: s } = this
    const { address, limit } = this.#inputs[x.input]!
    const offsets = sums.lanes(sum, at)
    const splat = (w: Scalar): void => {
      s.push(w)
      f.op(code.i32x4Splat)
    }
    const addresses = sums.local(at, () => {
      f.get(offsets)
      if (free) {
        splat(limit!)
        f.op(code.i32x4MinU)
        splat(address)
        f.op(code.i32x4Add)
      }
      if (at.mask !== null) {
        splat(address)
        f.get(at.mask).op(code.v128Bitselect)
      }
    })
    return this.#within(at, () => loadEach(e, x.dtype, (lane) => f.get(addresses).lane(code.i32x4ExtractLane, lane)))
  }

  #guard(x: Guard, at: Scope): Lanes {
    const { f, sums } = this
    const result = newLanes(f, x.dtype)
    const branch = (e: Expr, mask: Local | null): Scope => {
      const scope = new Scope(at, true, mask)
      const lanes = this.evaluate(e, scope)
      f.within(scope.code, () => copyLanes(f, lanes, result))
      return scope
    }
    if (!x.tests.some((t) => sums.testVaries(t))) {
      const words = x.tests.map((t) => sums.test(t, at))
      const then = branch(x.then, at.mask)
      const otherwise = branch(x.else, at.mask)
      f.within(at.code, () => {
        words.forEach((w, k) => {
          f.get(w)
          if (k > 0) f.op(code.i32And)
        })
        f.if(
          () => f.append(then.code),
          () => f.append(otherwise.code),
        )
      })
      return result
    }
    const masks = x.tests.map((t) => ({ t, varies: sums.testVaries(t), local: sums.test(t, at) }))
    const inside = sums.local(at, () => {
      masks.forEach(({ varies, local }, k) => {
        if (varies) f.get(local)
        else f.i32(0).get(local).op(code.i32Sub).op(code.i32x4Splat)
        if (k > 0) f.op(code.v128And)
      })
      if (at.mask !== null) f.get(at.mask).op(code.v128And)
    })
    const outside = sums.local(at, () => {
      if (at.mask === null) f.get(inside).op(code.v128Not)
      else f.get(at.mask).get(inside).op(code.v128AndNot)
    })
    const other = newLanes(f, x.dtype)
    const branchOf = (value: Expr, mask: Local, into: Lanes): void => {
      const scope = new Scope(at, true, mask)
      const lanes = this.evaluate(value, scope)
      f.within(scope.code, () => copyLanes(f, lanes, into))
      f.within(at.code, () => {
        if (value.kind === 'const') f.append(scope.code)
        else
          f.get(mask)
            .op(code.v128AnyTrue)
            .if(() => f.append(scope.code))
      })
    }
    branchOf(x.then, inside, result)
    branchOf(x.else, outside, other)
    return this.#within(at, () => emitOp(this.e, 'select', x.dtype, x.dtype, [[inside], result, other]))
  }
}
