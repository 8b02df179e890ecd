import type { Walk } from '../../../../program/routines.js'

/** The runtime parameters of a dispatch, in the order in which the text of its shader names them. */
export class Parameters {
  readonly values: number[] = []

  /** The name of a new parameter. */
  add(value: number): string {
    return `p${this.values.push(value) - 1}`
  }
}

/**
 * The text of the offset of row-major position `index` of a walk; `index` is a name or a number. Extents and strides are
 * parameters, but for strides of one.
 */
export const walkText = (walk: Walk, parameters: Parameters): ((index: string) => string) => {
  const terms: ((index: string) => string)[] = []
  let inner = 1
  for (let axis = walk.extents.length - 1; axis >= 0; axis--) {
    const extent = walk.extents[axis]!
    const by = inner === 1 ? '' : ` / ${parameters.add(inner)}`
    const rest = axis === 0 ? '' : ` % ${parameters.add(extent)}`
    const times = walk.strides[axis] === 1 ? '' : ` * ${parameters.add(walk.strides[axis]!)}`
    terms.push((index) => `${index}${by}${rest}${times}`)
    inner *= extent
  }
  return (index) => (terms.length === 0 ? '0' : `(${terms.map((term) => term(index)).join(' + ')})`)
}
