import { dtypeBytes } from '../../../core/dtype.js'
import type { Extent, Kernel } from '../../../kernel/ir.js'
import { type FunctionBuilder, i32, type Local } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import type { LaneEmitter, Lanes } from '../lanes/lane-emitter.js'
import type { Dependence, Survey } from './dependence.js'
import { packLanes, storeLane, storeNeighbours } from './lane-memory.js'
import { constant, type Scalar, type Scalars, zero } from './scalar.js'
import { type Nest, Scope, type VectorAxes } from './scope.js'
import { type Operand, Values } from './values.js'

/** A loop around code: what it does first in each turn, and its counter. */
export interface Loop {
  readonly scope: Scope
  readonly counter: Local
  readonly start: Scalar
  readonly end: Scalar
  readonly step: number
}

/** Loops that are there already: the first axes of the grid run in them. */
export interface Outer {
  readonly scopes: readonly Scope[]
  readonly counters: readonly Scalar[]
  /** The row-major number of the point that they are at, as the results count it. */
  readonly row: Scalar
}

/** What a kernel's code is written with. */
export interface Setting {
  readonly e: LaneEmitter
  readonly scalars: Scalars
  readonly outer: Outer
  readonly kernel: Kernel
  readonly dependence: Dependence
  readonly survey: Survey
  readonly inputs: readonly Operand[]
  readonly outputs: readonly Scalar[]
  /** Whether what lies behind the outputs may be written over, up to three elements. */
  readonly padded: boolean
  /** The part of a grid axis to compute; of the others all. */
  readonly range: { readonly axis: number; readonly from: Scalar; readonly to: Scalar } | null
  /** The address of memory for partial results. */
  readonly scratch: () => Scalar
}

/** Runs `body` for every turn of a loop. */
export const writeLoop = (
  f: FunctionBuilder,
  s: Scalars,
  { counter, start, end, step }: Omit<Loop, 'scope'>,
  body: () => void,
): void => {
  s.push(start)
  f.set(counter)
  const more = (): void => {
    f.get(counter)
    s.push(end)
    f.op(code.i32LtS)
  }
  more()
  f.if(() =>
    f.loop(() => {
      body()
      f.increment(counter, step)
      more()
      f.branchIf(0)
    }),
  )
}

/** Writes one kernel into the loops around it. */
export class KernelWriter {
  readonly setting: Setting
  readonly e: LaneEmitter
  readonly f: FunctionBuilder
  readonly s: Scalars
  readonly kernel: Kernel
  readonly root: Scope
  readonly values: Values

  constructor(setting: Setting) {
    this.setting = setting
    this.e = setting.e
    this.f = setting.e.f
    this.s = setting.scalars
    this.kernel = setting.kernel
    this.root = setting.outer.scopes[0]!
    this.values = new Values(this.e, this.s, setting.kernel, setting.dependence, setting.inputs, {
      scopes: setting.outer.scopes,
      levels: [],
      counters: [],
      vector: null,
      accumulators: [],
    })
  }

  extent(axis: number): Scalar {
    const { grid, reduce } = this.kernel
    return this.s.extent((axis < grid.length ? grid[axis] : reduce[axis - grid.length])!)
  }

  /** Loops over grid axes, from the first that has none up to `end`; the last in steps of `step`. */
  gridLoops(end: number, step = 1): Loop[] {
    const { outer } = this.setting
    const loops: Loop[] = []
    for (let axis = outer.counters.length; axis < end; axis++) {
      const { from, to } = this.bounds(axis)
      const parent = loops.at(-1)?.scope ?? outer.scopes.at(-1)!
      loops.push(this.loop(parent, from, to, axis === end - 1 ? step : 1))
    }
    return loops
  }
  /** The part of a grid axis to compute. */
  bounds(axis: number): { readonly from: Scalar; readonly to: Scalar } {
    const { range } = this.setting
    return range?.axis === axis ? range : { from: zero, to: this.extent(axis) }
  }
  loop(parent: Scope, start: Scalar, end: Scalar, step: number): Loop {
    return { scope: new Scope(parent), counter: this.f.local(i32), start, end, step }
  }

  /** The nest of the loops around and `loops`, one for each axis from `axes` on in order, and scopes within them. */
  nest(
    loops: readonly Loop[],
    inner: readonly Scope[] = [],
    vector: VectorAxes | null = null,
    accumulators: readonly Lanes[] = [],
  ): Nest {
    const { outer } = this.setting
    const first = outer.scopes.length
    return {
      scopes: [...outer.scopes, ...loops.map((l) => l.scope), ...inner],
      levels: [...outer.counters.map(() => first - 1), ...loops.map((_, k) => first + k)],
      counters: [...outer.counters, ...loops.map((l) => ({ local: l.counter }))],
      vector,
      accumulators,
    }
  }

  /** Lanes along one axis, which `loop` walks in steps of four. */
  along(axis: number, loop: Loop): VectorAxes {
    return {
      axes: 1 << axis,
      group: [axis],
      counter: { local: loop.counter },
      last: this.s.add(this.root, this.extent(axis), constant(-1)),
      vectors: new Map(),
    }
  }

  /** Puts loops around code. */
  wrap(loops: readonly Loop[], body: readonly number[]): readonly number[] {
    return loops.reduceRight<readonly number[]>(
      (inner, l) =>
        this.f.within([], () =>
          writeLoop(this.f, this.s, l, () => {
            this.f.append(l.scope.code).append(inner)
          }),
        ),
      body,
    )
  }

  /** The row-major number of the grid's point within the axes that `loops` walk, in the innermost of them. */
  row(loops: readonly Loop[]): Scalar {
    const { outer } = this.setting
    const first = outer.counters.length
    let row = outer.row
    let above = outer.scopes.at(-1)!
    loops.forEach((l, k) => {
      row = this.s.add(l.scope, this.s.multiply(above, row, this.extent(first + k)), { local: l.counter })
      above = l.scope
    })
    return row
  }

  /** Stores the outputs of one point, all lanes being equal. */
  storeOne(at: Scope, row: Scalar, rowScope: Scope): void {
    // A result may be written over an operand: all are computed before the first is written.
    const results = this.kernel.outputs.map((o) => this.values.evaluate(o, at))
    this.kernel.outputs.forEach((o, k) => {
      const place = this.#pointer(rowScope, k, row)
      this.f.within(at.code, () => storeLane(this.f, o.dtype, packLanes(this.e, o.dtype, results[k]!), 0, place))
    })
  }
  #pointer(at: Scope, output: number, row: Scalar): Local {
    const s = this.s
    const bytes = dtypeBytes(this.kernel.outputs[output]!.dtype)
    const place = s.add(at, this.setting.outputs[output]!, s.multiply(at, row, constant(bytes)))
    return this.s.localOf(at, place)
  }

  /**
   * Stores the outputs of four points along the axis that `loop` walks, or fewer at its end unless there are `whole`
   * vectors only. `at` may be the loop's scope.
   */
  storeFour(
    at: Scope,
    outerLoops: readonly Loop[],
    axis: number,
    loop: Loop,
    outerScope: Scope,
    whole: boolean = this.setting.padded,
  ): void {
    const { s } = this
    const row = s.multiply(outerScope, this.row(outerLoops), this.extent(axis))
    const placeOf = (k: number, bytes: number): Scalar => {
      const start = s.add(outerScope, this.setting.outputs[k]!, s.multiply(outerScope, row, constant(bytes)))
      return s.add(at, start, s.multiply(at, { local: loop.counter }, constant(bytes)))
    }
    this.storeLanes(at, loop, placeOf, whole)
  }

  /** As `storeFour`, where `placeOf` gives the address of the first of the four elements of an output. */
  storeLanes(
    at: Scope,
    loop: Loop,
    placeOf: (output: number, bytes: number) => Scalar,
    whole: boolean = this.setting.padded,
  ): void {
    const { f, s } = this
    const stores = this.kernel.outputs.map((o, k) => {
      const lanes = this.values.evaluate(o, at)
      const place = s.localOf(at, placeOf(k, dtypeBytes(o.dtype)))
      let packed: Lanes = []
      f.within(at.code, () => (packed = packLanes(this.e, o.dtype, lanes)))
      return { dtype: o.dtype, packed, place }
    })
    const lane = (k: number): void => stores.forEach((x) => storeLane(f, x.dtype, x.packed, k, x.place))
    const reaches = (count: number): FunctionBuilder => {
      s.push(loop.end)
      return f.get(loop.counter).op(code.i32Sub).i32(count).op(code.i32GeS)
    }
    const all = (): void => stores.forEach((x) => storeNeighbours(f, x.dtype, x.packed, x.place))
    f.within(at.code, () => {
      if (whole) return all()
      reaches(4).if(all, () => {
        lane(0)
        reaches(2).if(() => {
          lane(1)
          reaches(3).if(() => lane(2))
        })
      })
    })
  }

  product(extents: readonly Extent[]): Scalar {
    return extents.reduce<Scalar>((n, e) => this.s.multiply(this.root, n, this.s.extent(e)), constant(1))
  }
}
