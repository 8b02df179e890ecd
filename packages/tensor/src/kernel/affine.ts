import type { Index, IndexAtom } from './ir.js'

type Literal = Index<number>
type Atom = IndexAtom<number>

/** Exact integers as index expressions, kept as sums so that views compose without leaving arithmetic behind. */
export const constant = (value: number): Literal => ({ offset: value, terms: [] })
export const zero: Literal = constant(0)
const axes: Literal[] = []
export const axisIndex = (axis: number): Literal =>
  (axes[axis] ??= { offset: 0, terms: [{ atom: { kind: 'axis', axis }, factor: 1 }] })
export const atomIndex = (atom: Atom): Literal => ({ offset: 0, terms: [{ atom, factor: 1 }] })

const atomKeys = new WeakMap<Atom, string>()
const exprIds = new WeakMap<object, number>()
let nextExpr = 0
/** Of one length, so that they sort in the order of creation: equal kernels must not differ by how many came before. */
const exprId = (e: object): string => {
  let id = exprIds.get(e)
  if (id === undefined) exprIds.set(e, (id = nextExpr++))
  return String(id).padStart(16, '0')
}

const axisKeys: string[] = []
const atomKey = (a: Atom): string => {
  if (a.kind === 'axis') return (axisKeys[a.axis] ??= `i${a.axis}`)
  let key = atomKeys.get(a)
  if (key === undefined) {
    key = a.kind === 'value' ? `v${exprId(a.of)}` : `(${indexKey(a.of)}${a.kind === 'div' ? '/' : '%'}${a.by})`
    atomKeys.set(a, key)
  }
  return key
}

/** Text equal for equal sums. Terms are kept sorted by it. */
export const indexKey = (x: Literal): string => {
  let key = String(x.offset)
  for (const t of x.terms) key += `+${t.factor}*${atomKey(t.atom)}`
  return key
}

export const scale = (x: Literal, k: number): Literal =>
  k === 1
    ? x
    : k === 0
      ? zero
      : {
          offset: x.offset === 0 ? 0 : x.offset * k,
          terms: x.terms.map((t) => ({ atom: t.atom, factor: t.factor * k })),
        }

export const shift = (x: Literal, by: number): Literal => (by === 0 ? x : { offset: x.offset + by, terms: x.terms })

export const sum = (x: Literal, y: Literal): Literal => {
  if (y.terms.length === 0) return shift(x, y.offset)
  if (x.terms.length === 0) return shift(y, x.offset)
  const terms: Literal['terms'][number][] = []
  const rest = y.terms
  let at = 0
  for (const t of x.terms) {
    const key = atomKey(t.atom)
    while (at < rest.length && atomKey(rest[at]!.atom) < key) terms.push(rest[at++]!)
    if (at < rest.length && atomKey(rest[at]!.atom) === key) {
      const factor = t.factor + rest[at++]!.factor
      if (factor !== 0) terms.push({ atom: t.atom, factor })
    } else terms.push(t)
  }
  while (at < rest.length) terms.push(rest[at++]!)
  return { offset: x.offset + y.offset, terms }
}

/** The greatest value of a sum whose factors and offset are not negative, else Infinity. */
export const upper = (x: Literal, extents: readonly number[]): number => {
  if (x.offset < 0) return Infinity
  let max = x.offset
  for (const { atom, factor } of x.terms) {
    if (factor < 0) return Infinity
    const top =
      atom.kind === 'axis'
        ? extents[atom.axis]! - 1
        : atom.kind === 'mod'
          ? atom.by - 1
          : atom.kind === 'div'
            ? Math.floor(upper(atom.of, extents) / atom.by)
            : Infinity
    max += factor * top
  }
  return max
}

/** Quotient and remainder of a non-negative sum by a positive integer, simplified where loop extents allow. */
export const divmod = (x: Literal, by: number, extents: readonly number[]): readonly [Literal, Literal] => {
  if (by === 1) return [x, zero]
  // A falling term left over could make the part that is divided negative, and division truncates: then nothing is split off.
  if (x.terms.some((t) => t.factor < 0 && t.factor % by !== 0))
    return [atomIndex({ kind: 'div', of: x, by }), atomIndex({ kind: 'mod', of: x, by })]
  const whole = { offset: Math.floor(x.offset / by) * by, terms: x.terms.filter((t) => t.factor % by === 0) }
  const part = { offset: x.offset - whole.offset, terms: x.terms.filter((t) => t.factor % by !== 0) }
  const quotient = {
    offset: whole.offset / by,
    terms: whole.terms.map((t) => ({ atom: t.atom, factor: t.factor / by })),
  }
  if (upper(part, extents) < by) return [quotient, part]
  const rest = atomIndex({ kind: 'mod', of: part, by })
  return [sum(quotient, atomIndex({ kind: 'div', of: part, by })), rest]
}
