import type { Expr, Index, Kernel } from '../../../../kernel/ir.js'
import { indicesOf } from '../../../../kernel/collapse.js'
import { parametrize } from '../../../../kernel/parametrize.js'
import type { Dispatch, StepCode } from '../shader.js'
import { chunkLength, shortLength } from './accumulators.js'
import { mapShader, pointThreads } from './map.js'
import { type Layout, runningBuffers, teamPoints, teamShader } from './team.js'

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

/** The factor of a loop counter in an index, where it is there by itself. */
const factorOf = (x: Index<number>, axis: number): number =>
  x.terms.reduce((n, t) => (t.atom.kind === 'axis' && t.atom.axis === axis ? n + t.factor : n), 0)

/** Neighbouring threads should read neighbouring elements. */
const layoutOf = (kernel: Kernel<number>): Layout => {
  const { grid, reduce } = kernel
  const loads: Extract<Expr<number>, { kind: 'load' }>[] = []
  indicesOf(kernel, (e) => e.kind === 'load' && loads.push(e))
  const inner = loads.filter((l) => reduce.some((_, r) => factorOf(l.at, grid.length + r) !== 0))
  const last = grid.length + reduce.length - 1
  if (inner.some((l) => factorOf(l.at, last) === 1)) return 'along'
  return inner.some((l) => factorOf(l.at, grid.length - 1) === 1) ? 'across' : 'along'
}

/**
 * The dispatches of a kernel. With `parametric` sizes are runtime parameters, so that shaders of other sizes have the
 * same text; how a reduction is cut depends on its length alone.
 */
export const emitKernel = (literal: Kernel<number>, parametric: boolean): StepCode => {
  const p = parametric ? parametrize(literal) : null
  const kernel: Kernel = p?.kernel ?? literal
  const params = p?.params ?? []
  const points = product(literal.grid)
  const length = product(literal.reduce)
  const inputs = literal.inputs.length
  const outputs = literal.outputs.length
  const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, k) => from + k)
  const results = range(inputs, outputs)
  if (literal.accumulators.length === 0 || length <= shortLength)
    return {
      dispatches: [
        {
          shader: mapShader(kernel, params.length),
          operands: range(0, inputs + outputs),
          params,
          groups: Math.ceil(points / pointThreads),
        },
      ],
      temporaries: [],
    }
  const layout = layoutOf(literal)
  const count = runningBuffers(literal)
  const dispatches: Dispatch[] = []
  const temporaries: number[] = []
  // Two numbers more than the kernel's own: how many running values there are per point, and how many chunks.
  const stage = (from: readonly number[], left: number, first: boolean): void => {
    const chunks = left <= chunkLength ? 1 : Math.ceil(left / chunkLength)
    const partial = chunks > 1
    const written = partial ? range(inputs + outputs + temporaries.length, count) : results
    if (partial) temporaries.push(...Array.from({ length: count }, () => points * chunks))
    const n = params.length
    dispatches.push({
      shader: teamShader(kernel, n + 2, {
        layout: first ? layout : 'along',
        source: first ? 'kernel' : { param: n },
        partial,
        chunks: partial ? { param: n + 1 } : 1,
      }),
      operands: [...range(0, inputs), ...from, ...written],
      params: [...params, left, chunks],
      groups: Math.ceil((points * chunks) / teamPoints),
    })
    if (partial) stage(written, chunks, false)
  }
  stage([], length, true)
  return { dispatches, temporaries }
}
