import type { KernelWriter, Loop } from './kernel-writer.js'
import { wantsTwins, writeTwins } from './twins.js'

/** A kernel without reductions: four neighbours along the innermost axis at a time. */
export const writeMap = (w: KernelWriter): readonly number[] => {
  const axes = w.kernel.grid.length
  const loops = w.gridLoops(axes, 4)
  const inner = loops.at(-1)
  if (inner === undefined) {
    const { scopes, row } = w.setting.outer
    w.values.nest = w.nest([])
    const at = scopes.at(-1)!
    w.storeOne(at, row, at)
    return []
  }
  const around = loops.slice(0, -1)
  const outside = around.at(-1)?.scope ?? w.setting.outer.scopes.at(-1)!
  const four = (): void => {
    w.values.nest = w.nest(loops, [], w.along(axes - 1, inner))
    w.storeFour(inner.scope, around, axes - 1, inner, outside)
  }
  if (!wantsTwins(w.kernel)) {
    four()
    return w.wrap(loops, [])
  }
  const eight = writeTwins(w, around, inner)
  four()
  const rest: Loop = { ...inner, start: { local: inner.counter } }
  return w.wrap(around, [...w.wrap([eight], []), ...w.wrap([rest], [])])
}
