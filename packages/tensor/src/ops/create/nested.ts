import { ShapeError } from '../../core/errors.js'

/** Rows of rows of numbers or booleans, in one row. */
export interface Flat {
  readonly shape: readonly number[]
  readonly elements: readonly (number | boolean)[]
}

const shapeOf = (data: unknown): number[] => {
  const shape: number[] = []
  for (let x = data; Array.isArray(x); x = (x as readonly unknown[])[0]) shape.push(x.length)
  return shape
}

/** The elements of a nested array. Throws ShapeError for ragged rows, TypeError for what is no number or boolean. */
export const flattenNested = (fn: string, data: unknown): Flat => {
  const shape = shapeOf(data)
  const elements: (number | boolean)[] = []
  const visit = (x: unknown, depth: number): void => {
    if (depth === shape.length) {
      if (typeof x !== 'number' && typeof x !== 'boolean') {
        throw new TypeError(
          `${fn}: elements must be numbers or booleans, got ${Array.isArray(x) ? 'rows of different depth' : x === null ? 'null' : typeof x}`,
        )
      }
      elements.push(x)
      return
    }
    if (!Array.isArray(x) || x.length !== shape[depth]) {
      const got = Array.isArray(x) ? `a row of ${x.length}` : typeof x
      throw new ShapeError(
        `${fn}: rows must have one length, got ${got} where ${shape[depth]} elements were expected on axis ${depth}`,
      )
    }
    for (const y of x) visit(y, depth + 1)
  }
  visit(data, 0)
  return { shape, elements }
}
