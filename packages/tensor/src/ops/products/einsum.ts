import type { TensorLike } from '../../core/array-ops.js'
import { ShapeError } from '../../core/errors.js'
import { formatShape } from '../../core/shape.js'
import type { Tensor } from '../../core/tensor.js'
import { bind1 } from '../../core/trace.js'
import { einsumPath, productLabels } from './einsum-path.js'
import { type Labels, parseEinsum } from './einsum-spec.js'
import { convert, promoteOperands } from '../operand.js'
import { reshape, transpose } from '../shape/shape.js'

/** An array with a name for each axis. */
interface Named {
  readonly x: Tensor
  readonly labels: Labels
}

const reorder = ({ x, labels }: Named, order: Labels): Named => ({
  x: transpose(
    x,
    order.map((l) => labels.indexOf(l)),
  ),
  labels: order,
})

/** The diagonal of axes with one name: a stride through both. */
const diagonal = (named: Named): Named => {
  const twice = named.labels.find((l, i) => named.labels.indexOf(l) !== i)
  if (twice === undefined) return named
  const { x, labels } = named
  const same = labels.flatMap((l, i) => (l === twice ? [i] : []))
  const others = labels.flatMap((l, i) => (l === twice ? [] : [i]))
  const n = x.shape[same[0]!]!
  if (same.some((i) => x.shape[i] !== n))
    throw new ShapeError(
      `einsum: axes named '${twice}' must have one extent, got ${same.map((i) => x.shape[i]).join(' and ')} in shape ${formatShape(x.shape)}`,
    )
  const lead = others.map((i) => x.shape[i]!)
  const total = n ** same.length
  const step = same.reduce((sum, _, k) => sum + n ** k, 0)
  const flat = reshape(transpose(x, [...others, ...same]), [...lead, total])
  const picked = bind1('slice', [flat], {
    start: [...lead.map(() => 0), 0],
    limit: [...lead, total],
    stride: [...lead.map(() => 1), step],
  })
  return diagonal({ x: picked, labels: [...others.map((i) => labels[i]!), twice] })
}

/** Without the axes of extent 1 whose label is wider elsewhere: they broadcast. */
const narrow = ({ x, labels }: Named, extents: ReadonlyMap<string, number>): Named => {
  const keep = labels.flatMap((l, i) => (x.shape[i] === 1 && extents.get(l) !== 1 ? [] : [i]))
  return {
    x: reshape(
      x,
      keep.map((i) => x.shape[i]!),
    ),
    labels: keep.map((i) => labels[i]!),
  }
}

/** Sums over what nothing else needs. */
const sumAway = ({ x, labels }: Named, needed: ReadonlySet<string>): Named => {
  const axes = labels.flatMap((l, i) => (needed.has(l) ? [] : [i]))
  if (axes.length === 0) return { x, labels }
  return { x: bind1('reduce_sum', [x], { axes }), labels: labels.filter((l) => needed.has(l)) }
}

/** Axes in the order of `labels`, with extent 1 for those that the array does not have. */
const spread = (named: Named, labels: Labels): Tensor => {
  const own = labels.filter((l) => named.labels.includes(l))
  const { x } = reorder(named, own)
  return reshape(
    x,
    labels.map((l) => (own.includes(l) ? x.shape[own.indexOf(l)]! : 1)),
  )
}

/** The product of two, summed over what neither `needed` nor more than one of them has. */
const multiply = (left: Named, right: Named, needed: ReadonlySet<string>): Named => {
  const both = (l: string): boolean => left.labels.includes(l) && right.labels.includes(l)
  const wanted = (other: Named): ReadonlySet<string> => new Set([...needed, ...other.labels])
  const [a, b] = [sumAway(left, wanted(right)), sumAway(right, wanted(left))]
  const shared = a.labels.filter(both)
  const contracted = shared.filter((l) => !needed.has(l))
  if (contracted.length === 0) {
    const labels = productLabels(a.labels, b.labels, needed)
    return { x: bind1('mul', [spread(a, labels), spread(b, labels)], null), labels }
  }
  const batched = shared.filter((l) => needed.has(l))
  const axes = (names: Labels): [number[], number[]] => [
    names.map((l) => a.labels.indexOf(l)),
    names.map((l) => b.labels.indexOf(l)),
  ]
  const free = [...a.labels, ...b.labels].filter((l) => !shared.includes(l))
  return {
    x: bind1('dot_general', [a.x, b.x], { contract: axes(contracted), batch: axes(batched) }),
    labels: [...batched, ...free],
  }
}

/** The extent of every label; 1 yields to others. */
const extentsOf = (subscripts: string, operands: readonly Named[]): Map<string, number> => {
  const extents = new Map<string, number>()
  for (const { x, labels } of operands)
    labels.forEach((l, i) => {
      const [known, n] = [extents.get(l) ?? 1, x.shape[i]!]
      if (known !== 1 && n !== 1 && known !== n)
        throw new ShapeError(
          `einsum: axes named '${l}' must have one extent, got ${known} and ${n} in '${subscripts}' of shapes ${operands.map((o) => formatShape(o.x.shape)).join(', ')}`,
        )
      extents.set(l, known === 1 ? n : known)
    })
  return extents
}

/**
 * Einstein's sums: `einsum('ij,jk->ik', a, b)`. Letters name axes; those missing from the result are summed over. A
 * letter twice in one term takes the diagonal, `...` stands for axes that broadcast, extent 1 broadcasts too. Without
 * `->` the result has the ellipsis, then the letters that occur once in alphabetical order. Operands are multiplied two
 * at a time in a good order, the best one up to five. Throws ShapeError where subscripts and shapes do not fit.
 */
export const einsum = (subscripts: string, ...operands: readonly TensorLike[]): Tensor => {
  if (typeof subscripts !== 'string' || operands.length === 0)
    throw new TypeError(
      `einsum: takes subscripts and at least one operand, got ${typeof subscripts} and ${operands.length} operands; write einsum('ij,jk->ik', a, b)`,
    )
  const promoted = promoteOperands('einsum', operands)
  const truth = promoted[0]!.dtype === 'bool'
  const tensors = truth ? promoted.map((x) => convert(x, 'int32')) : promoted
  const spec = parseEinsum(
    subscripts,
    tensors.map((x) => x.shape),
  )
  const diagonals = tensors.map((x, i) => diagonal({ x, labels: spec.operands[i]! }))
  const extents = extentsOf(subscripts, diagonals)
  let list = diagonals.map((d) => narrow(d, extents))
  for (const [i, j] of einsumPath(
    list.map((n) => n.labels),
    spec.output,
    extents,
  )) {
    const rest = list.filter((_, k) => k !== i && k !== j)
    const needed = new Set([...rest.flatMap((n) => n.labels), ...spec.output])
    list = [...rest, multiply(list[i]!, list[j]!, needed)]
  }
  const { x } = reorder(sumAway(list[0]!, new Set(spec.output)), spec.output)
  return truth ? convert(x, 'bool') : x
}
