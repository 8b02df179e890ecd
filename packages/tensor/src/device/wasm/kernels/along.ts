import { isFloat } from '../../../core/dtype.js'
import { f64, i32, type Local, v128 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import { emitOp } from '../lanes/emit-op.js'
import type { Lanes } from '../lanes/lane-emitter.js'
import * as acc from './accumulate.js'
import type { KernelWriter, Loop } from './kernel-writer.js'
import { constant, zero } from './scalar.js'
import { type Nest, Scope, type VectorAxes } from './scope.js'
import { copyLanes, newLanes } from './values.js'

/** A running value in locals. */
interface Running {
  /** Before the loops, after each four elements, after each block of 128, after the loops. */
  start(): void
  step(x: Lanes): void
  flush(): void
  result(): Lanes
}

/** Partials r mod 8 are two vectors that take turns: after an even number of steps each is at its place, and their sum is the same anyway. */
const ordered = (w: KernelWriter, k: number, single: boolean): Running => {
  const { e, f, values } = w
  const a = w.kernel.accumulators[k]!
  const type = acc.runningType(a)
  const none = values.constant(type, acc.identity(a))
  const [first, second] = [newLanes(f, type), newLanes(f, type)]
  const total = f.local(f64)
  const flush = (): void => {
    const both = acc.fold(e, a, first, second)
    f.get(total)
    acc.pushBlock(e, a, both)
    f.op(a.op === 'sum' ? code.f64Add : code.f64Mul).set(total)
  }
  const clear = (): void => {
    copyLanes(f, none, first)
    copyLanes(f, none, second)
  }
  return {
    start: () => {
      clear()
      f.f64(acc.identity(a)).set(total)
    },
    step: (x) => {
      const next = acc.fold(e, a, first, x)
      const old = second.map((l) => {
        const kept = f.local(v128)
        f.get(l).set(kept)
        return kept
      })
      copyLanes(f, next, second)
      copyLanes(f, old, first)
    },
    flush: () => {
      if (single) return
      flush()
      clear()
    },
    result: () => {
      flush()
      return acc.fromTotal(e, a, total)
    },
  }
}

/** Several running values take turns where one would wait for itself: extremes of floats are slow. */
const unordered = (w: KernelWriter, k: number, length: number): Running => {
  const { e, f, values } = w
  const a = w.kernel.accumulators[k]!
  const type = acc.runningType(a)
  const none = values.constant(type, acc.identity(a))
  const count = !isFloat(type) || length <= 16 ? 1 : length <= 64 ? 2 : 4
  const running = Array.from({ length: count }, () => newLanes(f, type))
  return {
    start: () => running.forEach((r) => copyLanes(f, none, r)),
    step: (x) => {
      const next = acc.fold(e, a, running[0]!, x)
      running.forEach((r, i) => copyLanes(f, running[i + 1] ?? next, r))
    },
    flush: () => undefined,
    result: () =>
      acc.finish(
        e,
        a,
        acc.foldLanes(
          e,
          a,
          running.reduce((x, y) => acc.fold(e, a, x, y)),
        ),
      ),
  }
}

const argument = (w: KernelWriter, k: number, position: Local, valid: () => Local | null): Running => {
  const { e, f, values } = w
  const a = w.kernel.accumulators[k]!
  const none = values.constant(a.value.dtype, 0)
  const best = { value: newLanes(f, a.value.dtype), at: f.local(v128) }
  return {
    start: () => {
      copyLanes(f, none, best.value)
      f.i32x4(-1).set(best.at)
    },
    step: (x) => acc.keepBest(e, a, best, x, position, valid()),
    flush: () => undefined,
    result: () => acc.position(e, acc.bestOfLanes(e, a, best)),
  }
}

/** The loops over the reduction: with lanes along the innermost one, or along all of them as one. */
interface Walk {
  readonly loops: readonly Loop[]
  readonly nest: Nest
  /** Whether the last turn may have fewer than four elements, and what it compares with. */
  readonly ragged: boolean
  readonly last: Loop
  /** Written before the loops and at the end of each turn. */
  before(): void
  after(): void
}

const alongInnermost = (w: KernelWriter, around: readonly Loop[]): Walk => {
  const { grid, reduce } = w.kernel
  const loops: Loop[] = []
  reduce.forEach((_, k) =>
    loops.push(
      w.loop(
        loops.at(-1)?.scope ?? around.at(-1)?.scope ?? w.setting.outer.scopes.at(-1)!,
        zero,
        w.extent(grid.length + k),
        k === reduce.length - 1 ? 4 : 1,
      ),
    ),
  )
  const last = loops.at(-1)!
  const extent = reduce.at(-1)!
  return {
    loops,
    nest: w.nest([...around, ...loops], [], w.along(grid.length + reduce.length - 1, last)),
    ragged: typeof extent !== 'number' || extent % 4 !== 0,
    last,
    before: () => undefined,
    after: () => undefined,
  }
}

/** Every lane has its own counters, and carries into the next axis by itself. */
const alongAll = (w: KernelWriter, around: readonly Loop[]): Walk => {
  const { f, s } = w
  const { grid, reduce } = w.kernel
  const axes = reduce.map((_, k) => grid.length + k)
  const total = w.product(reduce)
  const last = w.loop(around.at(-1)?.scope ?? w.setting.outer.scopes.at(-1)!, zero, total, 4)
  const counters = axes.map(() => f.local(v128))
  // Lanes behind the last element read what some element reads.
  const first = w.values.sums.local(last.scope, () => {
    f.get(counters[0]!)
    s.push(s.add(w.root, w.extent(axes[0]!), constant(-1)))
    f.op(code.i32x4Splat).op(code.i32x4MinS)
  })
  const carry = (): void => {
    for (let k = axes.length - 1; k > 0; k--) {
      const over = f.local(v128)
      const extent = w.extent(axes[k]!)
      const splat = (): void => {
        s.push(extent)
        f.op(code.i32x4Splat)
      }
      f.loop(() => {
        f.get(counters[k]!)
        splat()
        f.op(code.i32x4GeS).tee(over).op(code.v128AnyTrue)
        f.if(() => {
          f.get(counters[k]!)
          splat()
          f.get(over).op(code.v128And).op(code.i32x4Sub).set(counters[k]!)
          f.get(counters[k - 1]!)
            .get(over)
            .op(code.i32x4Sub)
            .set(counters[k - 1]!)
          f.branch(1)
        })
      })
    }
  }
  const vector: VectorAxes = {
    axes: axes.reduce((bits, axis) => bits | (1 << axis), 0),
    group: axes,
    counter: { local: last.counter },
    last: s.add(w.root, total, constant(-1)),
    vectors: new Map(axes.map((axis, k) => [axis, k === 0 ? first : counters[k]!])),
  }
  const nest = w.nest([...around, last], [], vector)
  const inner = nest.scopes.length - 1
  return {
    loops: [last],
    nest: {
      ...nest,
      levels: [...nest.levels.slice(0, grid.length), ...axes.map(() => inner)],
      counters: [...nest.counters.slice(0, grid.length), ...axes.map(() => zero)],
    },
    ragged: true,
    last,
    before: () => {
      counters.forEach((c, k) => {
        if (k === axes.length - 1) f.i32x4Of([0, 1, 2, 3])
        else f.i32x4(0)
        f.set(c)
      })
      // An axis without elements would carry for ever.
      s.push(total)
      f.if(carry)
    },
    after: () => {
      f.get(counters.at(-1)!).i32x4(4).op(code.i32x4Add).set(counters.at(-1)!)
      carry()
    },
  }
}

/** A reduction with four of its elements at a time, per point of the grid. */
export const writeAlong = (w: KernelWriter): readonly number[] => {
  const { e, f, s, values } = w
  const { grid, reduce, accumulators } = w.kernel
  const around = w.gridLoops(grid.length)
  const home = around.at(-1)?.scope ?? w.setting.outer.scopes.at(-1)!
  const innermost = reduce.at(-1)!
  const aligned = reduce.length === 1 || (typeof innermost === 'number' && innermost % 4 === 0)
  const walk = aligned ? alongInnermost(w, around) : alongAll(w, around)
  values.nest = walk.nest

  const length = reduce.reduce<number>((n, x) => n * (typeof x === 'number' ? x : Infinity), 1)
  const single = length <= 128
  const counts = !single && accumulators.some(acc.isOrdered)
  const steps = f.local(i32)
  const position = f.local(v128)
  const positions = accumulators.some((a) => acc.isArgument(a.op))
  let valid: Local | null = null
  const running = accumulators.map((a, k) =>
    acc.isArgument(a.op)
      ? argument(w, k, position, () => valid)
      : acc.isOrdered(a)
        ? ordered(w, k, single)
        : unordered(w, k, length),
  )
  const inner = walk.last.scope
  const elements = accumulators.map((a) => values.evaluate(a.value, inner))
  const turn = f.within([], () => {
    if (walk.ragged) {
      valid = f.local(v128)
      s.push(walk.last.end)
      f.get(walk.last.counter).op(code.i32Sub).op(code.i32x4Splat).i32x4Of([0, 1, 2, 3])
      f.op(code.i32x4GtS).set(valid)
    }
    const taken = elements.map((x, k) => {
      const a = accumulators[k]!
      if (valid === null || acc.isArgument(a.op)) return x
      const type = acc.runningType(a)
      const into = newLanes(f, type)
      copyLanes(f, x, into)
      const none = values.constant(type, acc.identity(a))
      s.push(walk.last.end)
      f.get(walk.last.counter).op(code.i32Sub).i32(4).op(code.i32LtS)
      f.if(() => copyLanes(f, emitOp(e, 'select', type, type, [[valid!], x, none]), into))
      return into
    })
    taken.forEach((x, k) => running[k]!.step(x))
    if (counts) {
      f.get(steps).i32(1).op(code.i32Add).tee(steps).i32(31).op(code.i32And).op(code.i32Eqz)
      f.if(() => running.forEach((r) => r.flush()))
    }
    if (positions) f.get(position).i32x4(4).op(code.i32x4Add).set(position)
    walk.after()
  })

  const epilogue = new Scope(home)
  let results: Lanes[] = []
  f.within(epilogue.code, () => {
    results = running.map((r) => r.result())
  })
  values.nest = w.nest(around, [epilogue], null, results)
  w.storeOne(epilogue, w.row(around), home)

  const before = f.within([], () => {
    running.forEach((r) => r.start())
    f.i32(0).set(steps)
    if (positions) f.i32x4Of([0, 1, 2, 3]).set(position)
    walk.before()
  })
  const body = [...before, ...w.wrap(walk.loops, turn), ...epilogue.code]
  return around.length === 0 ? body : w.wrap(around, body)
}
