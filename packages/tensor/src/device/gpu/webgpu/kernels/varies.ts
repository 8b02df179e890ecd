import type { Expr, Index } from '../../../../kernel/ir.js'

/** Tells of an expression or index whether it depends on a loop counter from `axis` on. */
export const variesFrom = (axis: number): ((x: Expr | Index) => boolean) => {
  const known = new Map<Expr | Index, boolean>()
  const index = (x: Index): boolean =>
    x.terms.some(({ atom }) =>
      atom.kind === 'axis' ? atom.axis >= axis : atom.kind === 'value' ? varies(atom.of) : varies(atom.of),
    )
  const expr = (e: Expr): boolean => {
    switch (e.kind) {
      case 'const':
        return false
      case 'acc':
        return true
      case 'index':
        return varies(e.of)
      case 'load':
        return varies(e.at)
      case 'call':
        return e.args.some(varies)
      case 'guard':
        return e.tests.some((t) => varies(t.of)) || varies(e.then) || varies(e.else)
    }
  }
  const varies = (x: Expr | Index): boolean => {
    let answer = known.get(x)
    if (answer === undefined) known.set(x, (answer = 'terms' in x ? index(x) : expr(x)))
    return answer
  }
  return varies
}
