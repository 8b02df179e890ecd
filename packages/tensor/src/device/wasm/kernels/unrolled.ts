import type { Lanes } from '../lanes/lane-emitter.js'
import * as acc from './accumulate.js'
import type { KernelWriter, Loop } from './kernel-writer.js'
import { constant } from './scalar.js'
import { Scope } from './scope.js'
import { newLanes } from './values.js'

/** A kernel that reduces few elements: written one after the other, four neighbours along the grid's innermost axis at a time. */
export const writeUnrolled = (w: KernelWriter, extents: readonly number[]): readonly number[] => {
  const { kernel, f, e, values } = w
  const { outer } = w.setting
  const axes = kernel.grid.length
  const loops = w.gridLoops(axes, 4)
  const inner: Loop | undefined = loops.at(-1)
  const home = inner?.scope ?? outer.scopes.at(-1)!
  const vector = inner === undefined ? null : w.along(axes - 1, inner)
  const length = extents.reduce((a, b) => a * b, 1)
  const turns: Scope[] = []
  const elements: Lanes[][] = kernel.accumulators.map(() => [])
  const place = extents.map(() => 0)
  for (let r = 0; r < length; r++) {
    const turn = new Scope(home)
    turns.push(turn)
    const nest = w.nest(loops, [turn], vector)
    const last = nest.scopes.length - 1
    values.nest = {
      ...nest,
      levels: [...nest.levels, ...extents.map(() => last)],
      counters: [...nest.counters, ...place.map(constant)],
    }
    kernel.accumulators.forEach((a, k) => elements[k]!.push(values.evaluate(a.value, turn)))
    for (let k = extents.length - 1; k >= 0; k--) {
      place[k]!++
      if (place[k]! < extents[k]!) break
      place[k] = 0
    }
  }
  const epilogue = new Scope(home)
  values.nest = w.nest(loops, [epilogue], vector)
  const accumulators = kernel.accumulators.map((a, k): Lanes => {
    const xs = elements[k]!
    const start = values.constant(acc.runningType(a), acc.identity(a))
    let result: Lanes = []
    f.within(epilogue.code, () => {
      if (acc.isArgument(a.op)) {
        const best = { value: newLanes(f, a.value.dtype), at: newLanes(f, 'int32')[0]! }
        f.i32x4(-1).set(best.at)
        xs.forEach((x, r) => acc.keepBest(e, a, best, x, values.constant('int32', r)[0]!, null))
        result = acc.position(e, best.at)
      } else if (acc.isOrdered(a)) {
        const partials: (Lanes | null)[] = Array.from({ length: 8 }, () => null)
        xs.forEach((x, r) => {
          const old = partials[r & 7]!
          partials[r & 7] = old === null ? x : acc.fold(e, a, old, x)
        })
        const block = acc.combinePartials(e, a, partials)
        // Nothing but zeros that are negative adds up to a positive one.
        result = acc.finish(e, a, block === null ? start : acc.fold(e, a, start, block))
      } else
        result = acc.finish(
          e,
          a,
          xs.reduce((x, y) => acc.fold(e, a, x, y), start),
        )
    })
    return result
  })
  values.nest = w.nest(loops, [epilogue], vector, accumulators)
  if (inner === undefined) w.storeOne(epilogue, outer.row, home)
  else {
    const around = loops.slice(0, -1)
    w.storeFour(epilogue, around, axes - 1, inner, around.at(-1)?.scope ?? outer.scopes.at(-1)!)
  }
  const straight = [...turns.flatMap((t) => t.code), ...epilogue.code]
  return inner === undefined ? straight : w.wrap(loops, straight)
}
