import type { Extent } from '../../../../kernel/ir.js'
import { extentText } from './expressions.js'

/** Text of the product of extents. */
export const productText = (extents: readonly Extent[]): string =>
  extents.length === 0 ? '1' : extents.map(extentText).join(' * ')

/** Statements that take a flat row-major number apart into the counters that `name` names. */
export const counterLines = (flat: string, extents: readonly Extent[], name: (axis: number) => string): string[] => {
  const lines: string[] = []
  let rest = flat
  for (let axis = extents.length - 1; axis >= 0; axis--) {
    if (axis === 0) lines.push(`let ${name(0)} = ${rest};`)
    else {
      // Loops over nothing never get here, but a division by a literal 0 does not compile.
      const extent = extentText(extents[axis] === 0 ? 1 : extents[axis]!)
      lines.push(`let ${name(axis)} = ${rest} % ${extent};`, `let ${name(axis)}q = ${rest} / ${extent};`)
      rest = `${name(axis)}q`
    }
  }
  return lines
}
