import type { Expr, Index, IndexAtom, Kernel, Test } from './ir.js'

/** Every sum of a kernel, each visited once; `see` is shown every expression, once too. */
export const indicesOf = (
  kernel: Kernel<number>,
  see: (e: Expr<number>) => void = () => undefined,
): Set<Index<number>> => {
  const indices = new Set<Index<number>>()
  const seen = new Set<Expr<number>>()
  const visitIndex = (x: Index<number>): void => {
    if (indices.has(x)) return
    indices.add(x)
    for (const { atom } of x.terms) {
      if (atom.kind === 'value') visit(atom.of)
      else if (atom.kind !== 'axis') visitIndex(atom.of)
    }
  }
  const visit = (e: Expr<number>): void => {
    if (seen.has(e)) return
    seen.add(e)
    see(e)
    if (e.kind === 'load') visitIndex(e.at)
    else if (e.kind === 'index') visitIndex(e.of)
    else if (e.kind === 'call') e.args.forEach(visit)
    else if (e.kind === 'guard') {
      e.tests.forEach((t) => visitIndex(t.of))
      visit(e.then)
      visit(e.else)
    }
  }
  kernel.outputs.forEach(visit)
  kernel.accumulators.forEach((a) => visit(a.value))
  return indices
}

const factorOf = (x: Index<number>, axis: number): number => {
  for (const t of x.terms) if (t.atom.kind === 'axis' && t.atom.axis === axis) return t.factor
  return 0
}

/** Rewrites every index, those of loads by `place` once more, keeping shared nodes shared. */
export const mapIndices = (
  kernel: Kernel<number>,
  rewrite: (x: Index<number>) => Index<number>,
  place: (load: Extract<Expr<number>, { kind: 'load' }>, at: Index<number>) => Index<number> = (_, at) => at,
): Kernel<number> => {
  const indices = new Map<Index<number>, Index<number>>()
  const exprs = new Map<Expr<number>, Expr<number>>()
  const mapAtom = (a: IndexAtom<number>): IndexAtom<number> =>
    a.kind === 'axis' ? a : a.kind === 'value' ? { kind: 'value', of: mapExpr(a.of) } : { ...a, of: mapIndex(a.of) }
  const mapIndex = (x: Index<number>): Index<number> => {
    let y = indices.get(x)
    if (y === undefined) {
      y = rewrite({ offset: x.offset, terms: x.terms.map((t) => ({ atom: mapAtom(t.atom), factor: t.factor })) })
      indices.set(x, y)
    }
    return y
  }
  const mapTest = (t: Test<number>): Test<number> => ({ ...t, of: mapIndex(t.of) })
  const mapExpr = (e: Expr<number>): Expr<number> => {
    let y = exprs.get(e)
    if (y === undefined) {
      y =
        e.kind === 'load'
          ? { ...e, at: place(e, mapIndex(e.at)) }
          : e.kind === 'index'
            ? { ...e, of: mapIndex(e.of) }
            : e.kind === 'call'
              ? { ...e, args: e.args.map(mapExpr) }
              : e.kind === 'guard'
                ? { ...e, tests: e.tests.map(mapTest), then: mapExpr(e.then), else: mapExpr(e.else) }
                : e
      exprs.set(e, y)
    }
    return y
  }
  return {
    ...kernel,
    outputs: kernel.outputs.map(mapExpr),
    accumulators: kernel.accumulators.map((a) => ({ ...a, value: mapExpr(a.value) })),
  }
}

/**
 * Merges neighbouring loops that every access walks as one (the outer stride is the inner one times its extent), so
 * that contiguous data is one loop whatever its rank. The order of elements does not change.
 */
export const collapse = (kernel: Kernel<number>): Kernel<number> => {
  if (kernel.grid.length <= 1 && kernel.reduce.length <= 1) return kernel
  const extents = [...kernel.grid, ...kernel.reduce]
  const indices = [...indicesOf(kernel)]
  const mergeable = (inner: number): boolean =>
    indices.every((x) => factorOf(x, inner - 1) === factorOf(x, inner) * extents[inner]!)
  const groups: number[][] = []
  extents.forEach((_, axis) => {
    const sameNest = axis !== 0 && axis !== kernel.grid.length
    if (sameNest && mergeable(axis)) groups[groups.length - 1]!.push(axis)
    else groups.push([axis])
  })
  if (groups.length === extents.length) return kernel
  const newAxis = new Map<number, number>()
  groups.forEach((group, i) => newAxis.set(group[group.length - 1]!, i))
  const product = (group: readonly number[]): number => group.reduce((n, a) => n * extents[a]!, 1)
  const isGrid = (group: readonly number[]): boolean => group[0]! < kernel.grid.length
  const merged = mapIndices(kernel, (x) => ({
    offset: x.offset,
    terms: x.terms.flatMap((t) => {
      if (t.atom.kind !== 'axis') return [t]
      const axis = newAxis.get(t.atom.axis)
      return axis === undefined ? [] : [{ atom: { kind: 'axis' as const, axis }, factor: t.factor }]
    }),
  }))
  return { ...merged, grid: groups.filter(isGrid).map(product), reduce: groups.filter((g) => !isGrid(g)).map(product) }
}
