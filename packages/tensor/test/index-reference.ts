/** An index as plain data: a number, a range, null, '...', or a list of any depth. */
export type Picked =
  | number
  | string
  | null
  | readonly [number | null, number | null, number]
  | { readonly list: Nested }
type Nested = number | readonly Nested[]

const shapeOf = (x: Nested): number[] =>
  typeof x === 'number' ? [] : [x.length, ...(x.length === 0 ? [] : shapeOf(x[0]!))]
const flat = (x: Nested): number[] => (typeof x === 'number' ? [x] : x.flatMap(flat))
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** The position that a flat index of a shape has on each axis. */
const unravel = (at: number, shape: readonly number[]): number[] => {
  const out: number[] = []
  for (let axis = shape.length - 1, rest = at; axis >= 0; axis--) {
    out.unshift(rest % shape[axis]!)
    rest = Math.floor(rest / shape[axis]!)
  }
  return out
}

/** Python's range(*slice(start, stop, step).indices(n)). */
const range = (n: number, [start, stop, step]: readonly [number | null, number | null, number]): number[] => {
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1]
  const bound = (v: number): number => Math.min(Math.max(v < 0 ? v + n : v, low), high)
  const from = start === null ? (step > 0 ? 0 : n - 1) : bound(start)
  const to = stop === null ? (step > 0 ? n : -1) : bound(stop)
  const out: number[] = []
  for (let i = from; step > 0 ? i < to : i > to; i += step) out.push(i)
  return out
}

/** Broadcasts shapes that are known to fit. */
const together = (shapes: readonly (readonly number[])[]): number[] => {
  const ndim = Math.max(0, ...shapes.map((s) => s.length))
  return Array.from({ length: ndim }, (_, i) => {
    const extents = shapes.map((s) => s[i - ndim + s.length] ?? 1)
    return extents.find((d) => d !== 1) ?? 1
  })
}

/**
 * NumPy's selection, element by element: the shape of `x[indices]` for an x of `shape`, and the row-major position in x
 * of each of its elements.
 */
export const reference = (
  shape: readonly number[],
  indices: readonly Picked[],
): { readonly shape: readonly number[]; readonly positions: readonly number[] } => {
  const used = indices.filter((i) => i !== null && i !== '...').length
  const whole: Picked[] = Array.from({ length: shape.length - used }, () => ':')
  const isAdvanced = (i: Picked): boolean =>
    typeof i === 'number' || (typeof i === 'object' && i !== null && 'list' in i)
  const given = indices.flatMap((i, k) => (isAdvanced(i) ? [k] : []))
  const separated = given.some((k, n) => n > 0 && given[n - 1] !== k - 1)
  const full = indices.includes('...') ? indices.flatMap((i) => (i === '...' ? whole : [i])) : [...indices, ...whole]

  const listOf = (i: Picked): Nested => (typeof i === 'number' ? i : (i as { readonly list: Nested }).list)
  const lead = together(full.filter(isAdvanced).map((i) => shapeOf(listOf(i))))
  /** Result axes other than the positions': null for a new one, else which axis of x and which of its elements. */
  const axes: { readonly axis: number | null; readonly elements: readonly number[] }[] = []
  const lists: { readonly axis: number; readonly list: Nested }[] = []
  let axis = 0
  let place: number | null = null
  for (const i of full) {
    if (i === null) axes.push({ axis: null, elements: [0] })
    else if (isAdvanced(i)) {
      place ??= axes.length
      lists.push({ axis: axis++, list: listOf(i) })
    } else {
      const n = shape[axis]!
      axes.push({ axis: axis++, elements: range(n, typeof i === 'string' ? [null, null, 1] : (i as never)) })
    }
  }
  const at = separated ? 0 : (place ?? 0)
  const out = [
    ...axes.slice(0, at).map((a) => a.elements.length),
    ...lead,
    ...axes.slice(at).map((a) => a.elements.length),
  ]
  const positions = Array.from({ length: size(out) }, (_, k) => {
    const result = unravel(k, out)
    const own = [...result.slice(0, at), ...result.slice(at + lead.length)]
    const leading = result.slice(at, at + lead.length)
    const source = shape.map(() => 0)
    axes.forEach((a, i) => a.axis !== null && (source[a.axis] = a.elements[own[i]!]!))
    for (const { axis: target, list } of lists) {
      const extents = shapeOf(list)
      const shared = leading.slice(leading.length - extents.length)
      const flatIndex = extents.reduce((sum, d, i) => sum * d + (d === 1 ? 0 : shared[i]!), 0)
      const v = flat(list)[flatIndex]!
      source[target] = v < 0 ? v + shape[target]! : v
    }
    return source.reduce((sum, p, i) => sum * shape[i]! + p, 0)
  })
  return { shape: out, positions }
}

/** Flat elements as nested arrays of a shape. */
export const nested = (shape: readonly number[], elements: readonly number[]): unknown => {
  if (shape.length === 0) return elements[0]
  const width = size(shape.slice(1))
  return Array.from({ length: shape[0]! }, (_, i) => nested(shape.slice(1), elements.slice(i * width, (i + 1) * width)))
}
