import type { StoredDType } from '../../../../core/dtype.js'
import type { Expr, Index, Kernel, Test } from '../../../../kernel/ir.js'
import type { Routine } from '../../../../program/schedule.js'
import { constant, index, load } from '../build.js'
import { sumOfProducts } from './sum-of-products.js'

type Plan = Extract<Routine, { name: 'conv' }>

/** A convolution: every element of the result runs over its window. */
export const convKernel = (r: Plan, [a, b]: readonly StoredDType[]): Kernel<number> => {
  const rank = r.out.length
  const grid = [r.batch, ...r.out, r.groups, r.n]
  const [group, feature] = [rank + 1, rank + 2]
  const reduce = [...r.window, r.features]
  const tests: Test<number>[] = []
  const terms: { atom: Index<number>['terms'][number]['atom']; factor: number }[] = [
    { atom: { kind: 'axis', axis: 0 }, factor: r.x.batch },
    { atom: { kind: 'axis', axis: group }, factor: r.x.group },
    { atom: { kind: 'axis', axis: grid.length + rank }, factor: r.x.feature },
  ]
  let offset = 0
  r.out.forEach((_, i) => {
    const dilation = r.lhsDilation[i]!
    const low = r.padding[i]![0]
    const position = index(
      [
        [1 + i, r.strides[i]!],
        [grid.length + i, r.rhsDilation[i]!],
      ],
      -low,
    )
    tests.push({ kind: 'within', of: position, low: 0, high: (r.input[i]! - 1) * dilation + 1 })
    if (dilation > 1) {
      tests.push({ kind: 'divisible', of: position, by: dilation })
      terms.push({ atom: { kind: 'div', of: position, by: dilation }, factor: r.x.spatial[i]! })
    } else {
      for (const t of position.terms) terms.push({ atom: t.atom, factor: t.factor * r.x.spatial[i]! })
      offset += position.offset * r.x.spatial[i]!
    }
  })
  const inside = load(0, a!, { offset, terms: terms.filter((t) => t.factor !== 0) })
  const guarded: Expr<number> = { kind: 'guard', dtype: a!, tests, then: inside, else: constant(a!, 0) }
  const y = load(
    1,
    b!,
    index([
      ...r.kernel.spatial.map((s, i) => [grid.length + i, s] as const),
      [grid.length + rank, r.kernel.feature],
      [feature, r.kernel.n],
      [group, r.kernel.group],
    ]),
  )
  return sumOfProducts(grid, reduce, tests.length === 0 ? inside : guarded, y, [a!, b!])
}
