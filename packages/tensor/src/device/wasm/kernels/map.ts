import type { KernelWriter } from './kernel-writer.js'

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
  w.values.nest = w.nest(loops, [], w.along(axes - 1, inner))
  w.storeFour(inner.scope, around, axes - 1, inner, around.at(-1)?.scope ?? w.setting.outer.scopes.at(-1)!)
  return w.wrap(loops, [])
}
