import type { Program } from '@linum/tensor'
import type { BarrierParams, CollectiveParams, PrimitiveParams } from '@linum/tensor/core'
import { type Grid, size } from './grid.js'

type Name =
  | 'jit'
  | 'scan'
  | 'cond'
  | 'while'
  | 'checkpoint'
  | 'custom_jvp'
  | 'custom_vjp'
  | keyof BarrierParams
  | keyof CollectiveParams

type Rules = {
  readonly [K in Name]: (xs: readonly Grid[], params: PrimitiveParams[K]) => Grid | readonly Grid[]
}

type Evaluate = (program: Program, xs: readonly Grid[]) => readonly Grid[]

/** One slice of the leading axis. */
const rowOf = (x: Grid, row: number): Grid => {
  const shape = x.shape.slice(1)
  return { shape, data: x.data.slice(row * size(shape), (row + 1) * size(shape)) }
}

const outsideOfVmap = (): never => {
  throw new Error('an axis is named that nothing maps over')
}

/** What primitives do that carry programs or pass values on, in double precision. */
export const controlRules = (evaluate: Evaluate): Rules => ({
  jit: (xs, { program }) => evaluate(program, xs),
  checkpoint: (xs, { program }) => evaluate(program, xs),
  custom_jvp: (xs, { program }) => evaluate(program, xs),
  custom_vjp: (xs, { program }) => evaluate(program, xs),
  optimization_barrier: (xs) => xs,
  checkpoint_name: (xs) => xs,
  psum: outsideOfVmap,
  pmax: outsideOfVmap,
  pmin: outsideOfVmap,
  all_gather: outsideOfVmap,
  axis_index: outsideOfVmap,
  scan: (xs, { body, constants, carry, length, reverse }) => {
    const fixed = xs.slice(0, constants)
    let state = xs.slice(constants, constants + carry)
    const rows: (readonly Grid[])[] = []
    for (let k = 0; k < length; k++) {
      const row = reverse ? length - 1 - k : k
      const out = evaluate(body, [...fixed, ...state, ...xs.slice(constants + carry).map((x) => rowOf(x, row))])
      state = out.slice(0, carry)
      rows[row] = out.slice(carry)
    }
    const stacked = body.outputs
      .slice(carry)
      .map((v, i): Grid => ({ shape: [length, ...v.aval.shape], data: rows.flatMap((r) => r[i]!.data) }))
    return [...state, ...stacked]
  },
  cond: ([index, ...xs], { branches }) =>
    evaluate(branches[Math.min(Math.max(index!.data[0]!, 0), branches.length - 1)]!, xs),
  while: (xs, { test, body, testConstants, bodyConstants }) => {
    const [forTest, forBody] = [xs.slice(0, testConstants), xs.slice(testConstants, testConstants + bodyConstants)]
    let state: readonly Grid[] = xs.slice(testConstants + bodyConstants)
    while (evaluate(test, [...forTest, ...state])[0]!.data[0] !== 0) state = evaluate(body, [...forBody, ...state])
    return state
  },
})
