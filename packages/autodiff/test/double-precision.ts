// A second implementation of the primitives, in double precision and for clarity alone: what derivatives are measured
// against.
import type { Program, Tensor } from '@linum/tensor'
import { dtypeCategory, isFloat, type PrimitiveName, type PrimitiveParams } from '@linum/tensor/core'
import { controlRules } from './double-control.js'
import { routineRule } from './double-routine.js'
import { windowRules } from './double-windows.js'
import { at, generate, type Grid, type Index, indexAt, pointwise, size } from './grid.js'
import { indexRules } from './double-indexing.js'

type Type = Program['inputs'][number]['aval']
type Rule<P> = (xs: readonly Grid[], params: P, types: readonly Type[]) => Grid | readonly Grid[]

export const gridOf = (x: Tensor): Grid => ({ shape: x.shape, data: Array.from(x.dataSync()) })

const isInteger = (types: readonly Type[]): boolean => dtypeCategory(types[0]!.dtype) === 'integer'

const roundEven = (x: number): number => {
  const r = Math.round(x)
  return Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r
}

/** By its series, which in doubles is good to 1e-13 for |x| < 3. */
const erf = (x: number): number => {
  let term = x
  let sum = x
  for (let n = 1; n < 80; n++) {
    term *= -(x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

const erfInverse = (y: number): number => {
  let x = 0
  for (let i = 0; i < 60; i++) x -= ((erf(x) - y) * Math.sqrt(Math.PI) * Math.exp(x * x)) / 2
  return x
}

const max = (x: number, y: number): number => (Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : x > y ? x : y)

const reduce =
  (
    combine: (a: number, b: number) => number,
    ofNone = Number.NaN,
  ): ((xs: readonly Grid[], params: { readonly axes: Index }) => Grid) =>
  ([x], { axes }) => {
    const keep = x!.shape.map((_, i) => i).filter((i) => !axes.includes(i))
    const over = axes.map((a) => x!.shape[a]!)
    return generate(
      keep.map((i) => x!.shape[i]!),
      (index) => {
        const full = (inner: Index): number[] =>
          x!.shape.map((_, i) => (keep.includes(i) ? index[keep.indexOf(i)]! : inner[axes.indexOf(i)]!))
        const row = Array.from({ length: size(over) }, (_, k) => at(x!, full(indexAt(over, k))))
        return row.length === 0 ? ofNone : row.reduce(combine)
      },
    )
  }

const extreme =
  (better: (a: number, b: number) => boolean): Rule<PrimitiveParams['argmax']> =>
  ([x], { axis }) =>
    generate(
      x!.shape.filter((_, i) => i !== axis),
      (index) => {
        const row = Array.from({ length: x!.shape[axis]! }, (_, k) =>
          at(x!, [...index.slice(0, axis), k, ...index.slice(axis)]),
        )
        return row.reduce((best, v, k) => (better(v, row[best]!) ? k : best), 0)
      },
    )

const compare = (f: (x: number, y: number) => boolean): ((xs: readonly Grid[]) => Grid) =>
  pointwise((x, y) => Number(f(x!, y!)))

const bits =
  (f: (x: number, y: number) => number): ((xs: readonly Grid[], params: null, types: readonly Type[]) => Grid) =>
  (xs, _, types) =>
    pointwise((x, y) => (types[0]!.dtype === 'uint32' ? f(x!, y!) >>> 0 : f(x!, y!)))(xs)

const unsupported = (name: string) => (): never => {
  throw new TypeError(`${name}: has no meaning in double precision`)
}

const rules: { readonly [K in PrimitiveName]: Rule<PrimitiveParams[K]> } = {
  debug_callback: unsupported('debug_callback'),
  exp: pointwise(Math.exp),
  expm1: pointwise(Math.expm1),
  log: pointwise(Math.log),
  log1p: pointwise(Math.log1p),
  logistic: pointwise((x) => 1 / (1 + Math.exp(-x!))),
  sqrt: pointwise(Math.sqrt),
  rsqrt: pointwise((x) => 1 / Math.sqrt(x!)),
  sin: pointwise(Math.sin),
  cos: pointwise(Math.cos),
  tanh: pointwise(Math.tanh),
  erf: pointwise(erf as never),
  erf_inv: pointwise(erfInverse as never),
  exp2: pointwise((x) => 2 ** x!),
  tan: pointwise(Math.tan),
  sinh: pointwise(Math.sinh),
  cosh: pointwise(Math.cosh),
  asin: pointwise(Math.asin),
  acos: pointwise(Math.acos),
  atan: pointwise(Math.atan),
  asinh: pointwise(Math.asinh),
  acosh: pointwise(Math.acosh),
  atanh: pointwise(Math.atanh),
  cbrt: pointwise(Math.cbrt),
  erfc: pointwise((x) => 1 - erf(x!)),
  floor: pointwise(Math.floor),
  ceil: pointwise(Math.ceil),
  round: pointwise(roundEven as never),
  sign: pointwise(Math.sign),
  neg: pointwise((x) => -x!),
  abs: pointwise(Math.abs),
  not: (xs, _, [t]) => pointwise((x) => (t!.dtype === 'bool' ? 1 - x! : ~x!))(xs),
  add: (xs, _, [t]) => pointwise((x, y) => (t!.dtype === 'bool' ? x! | y! : x! + y!))(xs),
  sub: pointwise((x, y) => x! - y!),
  mul: pointwise((x, y) => x! * y!),
  div: (xs, _, types) => pointwise((x, y) => (isInteger(types) ? Math.trunc(x! / y!) : x! / y!))(xs),
  rem: pointwise((x, y) => x! % y!),
  pow: pointwise((x, y) => x! ** y!),
  atan2: pointwise(Math.atan2),
  max: pointwise(max as never),
  min: pointwise((x, y) => -max(-x!, -y!)),
  fma: pointwise((x, y, z) => x! * y! + z!),
  and: bits((x, y) => x & y),
  or: bits((x, y) => x | y),
  xor: bits((x, y) => x ^ y),
  shift_left: bits((x, y) => x << y),
  shift_right_logical: bits((x, y) => x >>> y),
  shift_right_arithmetic: bits((x, y) => x >> y),
  eq: compare((x, y) => x === y),
  ne: compare((x, y) => x !== y),
  lt: compare((x, y) => x < y),
  le: compare((x, y) => x <= y),
  gt: compare((x, y) => x > y),
  ge: compare((x, y) => x >= y),
  is_finite: pointwise((x) => Number(Number.isFinite(x))),
  select: pointwise((c, x, y) => (c !== 0 ? x! : y!)),
  convert: (xs, { dtype }) =>
    pointwise((x) => (dtype === 'bool' ? Number(x !== 0) : isFloat(dtype) ? x! : Math.trunc(x!)))(xs),
  bitcast: ([x]) => ({ shape: x!.shape, data: Array.from(new Int32Array(Float32Array.from(x!.data).buffer)) }),
  stop_gradient: ([x]) => x!,

  reshape: ([x], { shape }) => ({ shape, data: x!.data }),
  transpose: ([x], { perm }) =>
    generate(
      perm.map((p) => x!.shape[p]!),
      (index) =>
        at(
          x!,
          perm.map((_, i) => index[perm.indexOf(i)]!),
        ),
    ),
  broadcast_in_dim: ([x], { shape, dims }) =>
    generate(shape, (index) =>
      at(
        x!,
        dims.map((d, i) => (x!.shape[i] === 1 ? 0 : index[d]!)),
      ),
    ),
  slice: ([x], { start, limit, stride }) =>
    generate(
      start.map((s, i) => Math.ceil((limit[i]! - s) / stride[i]!)),
      (index) =>
        at(
          x!,
          index.map((k, i) => start[i]! + k * stride[i]!),
        ),
    ),
  pad: ([x, value], { low, high, interior }) =>
    generate(
      x!.shape.map((n, i) => low[i]! + high[i]! + n + Math.max(0, n - 1) * interior[i]!),
      (index) => {
        const from = index.map((k, i) => (k - low[i]!) / (interior[i]! + 1))
        return from.every((k, i) => Number.isInteger(k) && k >= 0 && k < x!.shape[i]!) ? at(x!, from) : value!.data[0]!
      },
    ),
  concatenate: (xs, { axis }) => {
    const starts = xs.map((_, k) => xs.slice(0, k).reduce((n, x) => n + x.shape[axis]!, 0))
    const total = xs.reduce((n, x) => n + x.shape[axis]!, 0)
    return generate(
      xs[0]!.shape.map((d, i) => (i === axis ? total : d)),
      (index) => {
        const k = starts.reduce((last, s, j) => (s <= index[axis]! && xs[j]!.shape[axis]! > 0 ? j : last), 0)
        return at(
          xs[k]!,
          index.map((v, i) => (i === axis ? v - starts[k]! : v)),
        )
      },
    )
  },
  rev: ([x], { axes }) =>
    generate(x!.shape, (index) =>
      at(
        x!,
        index.map((k, i) => (axes.includes(i) ? x!.shape[i]! - 1 - k : k)),
      ),
    ),
  iota: (_, { shape, axis }) => generate(shape, (index) => index[axis]!),
  full: (_, { shape, value }) => generate(shape, () => Number(value)),

  reduce_sum: reduce((a, b) => a + b, 0),
  reduce_prod: reduce((a, b) => a * b, 1),
  reduce_max: reduce(max),
  reduce_min: reduce((a, b) => -max(-a, -b)),
  reduce_and: reduce((a, b) => a & b),
  reduce_or: reduce((a, b) => a | b),
  argmax: extreme((a, b) => a > b),
  argmin: extreme((a, b) => a < b),
  cumsum: ([x], { axis, reverse }) =>
    generate(x!.shape, (index) => {
      const here = index[axis]!
      const row = Array.from({ length: x!.shape[axis]! }, (_, k) =>
        at(
          x!,
          index.map((v, i) => (i === axis ? k : v)),
        ),
      )
      return row.reduce((sum, v, k) => ((reverse ? k >= here : k <= here) ? sum + v : sum), 0)
    }),

  ...indexRules,
  ...windowRules,
  dot_general: ([x, y], { contract, batch }) => {
    const free = [x!, y!].map((g, o) =>
      g.shape.map((_, i) => i).filter((i) => !contract[o as 0 | 1].includes(i) && !batch[o as 0 | 1].includes(i)),
    )
    const [fx, fy] = free as [number[], number[]]
    const nb = batch[0].length
    const over = contract[0].map((a) => x!.shape[a]!)
    const shape = [...batch[0].map((a) => x!.shape[a]!), ...fx.map((a) => x!.shape[a]!), ...fy.map((a) => y!.shape[a]!)]
    return generate(shape, (index) => {
      const own = (o: 0 | 1, k: Index): number[] =>
        [x!, y!][o]!.shape.map((_, i) => {
          if (contract[o].includes(i)) return k[contract[o].indexOf(i)]!
          if (batch[o].includes(i)) return index[batch[o].indexOf(i)]!
          return index[nb + (o === 0 ? fx.indexOf(i) : fx.length + fy.indexOf(i))]!
        })
      return Array.from({ length: size(over) }, (_, k) => indexAt(over, k)).reduce(
        (sum, k) => sum + at(x!, own(0, k)) * at(y!, own(1, k)),
        0,
      )
    })
  },

  sort: (xs, { axis, numKeys = 1 }) => {
    const n = xs[0]!.shape[axis]!
    const order = (index: Index): number[] => {
      const compare = (a: number, b: number): number => {
        for (const key of xs.slice(0, numKeys)) {
          const [x, y] = [a, b].map((k) =>
            at(
              key,
              index.map((v, i) => (i === axis ? k : v)),
            ),
          )
          if (x !== y) return x! - y!
        }
        return 0
      }
      return Array.from({ length: n }, (_, k) => k).sort(compare)
    }
    return xs.map((x) =>
      generate(x.shape, (index) =>
        at(
          x,
          index.map((v, i) => (i === axis ? order(index)[v]! : v)),
        ),
      ),
    )
  },

  random_bits: unsupported('random_bits'),
  random_split: unsupported('random_split'),
  random_fold_in: unsupported('random_fold_in'),
  random_unwrap: unsupported('random_unwrap'),
  random_wrap: unsupported('random_wrap'),
  routine: routineRule,
  ...controlRules((program, xs) => evaluate(program, xs)),
}

/** The outputs of a program, in double precision throughout. */
export const evaluate = (program: Program, inputs: readonly Grid[]): readonly Grid[] => {
  const known = new Map<unknown, Grid>(program.inputs.map((v, i) => [v, inputs[i]!]))
  const read = (x: Program['outputs'][number]): Grid =>
    x.kind === 'literal' ? { shape: [], data: [Number(x.value)] } : known.get(x)!
  for (const e of program.equations) {
    const rule = rules[e.primitive] as Rule<unknown>
    const out = rule(
      e.inputs.map(read),
      e.params,
      e.inputs.map((x) => x.aval),
    )
    ;(Array.isArray(out) ? (out as readonly Grid[]) : [out as Grid]).forEach((g, i) => known.set(e.outputs[i], g))
  }
  return program.outputs.map(read)
}

const step = 1e-5

const moved = (x: Grid, k: number, by: number): Grid => ({
  shape: x.shape,
  data: x.data.map((v, i) => (i === k ? v + by : v)),
})

const dot = (x: Grid, y: Grid): number => x.data.reduce((sum, v, i) => sum + v * y.data[i]!, 0)

/**
 * The derivative of <cotangents, outputs> with respect to one input, by central differences. A null cotangent leaves
 * its output out.
 */
export const centralDifferences = (
  program: Program,
  inputs: readonly Grid[],
  which: number,
  cotangents: readonly (Grid | null)[],
): Grid => {
  const x = inputs[which]!
  const at = (k: number, by: number): number => {
    const outputs = evaluate(
      program,
      inputs.map((g, i) => (i === which ? moved(x, k, by) : g)),
    )
    return cotangents.reduce((sum, ct, i) => (ct === null ? sum : sum + dot(ct, outputs[i]!)), 0)
  }
  return {
    shape: x.shape,
    data: x.data.map((v, k) => ((h) => (at(k, h) - at(k, -h)) / (2 * h))(step * Math.max(1, Math.abs(v)))),
  }
}

/** The greatest difference of two grids, relative to the greatest element where that exceeds 1. NaN unless NaN was expected. */
export const distance = (got: Grid, want: Grid): number => {
  if (got.shape.join() !== want.shape.join()) return Infinity
  const scale = Math.max(1, ...want.data.map(Math.abs))
  return Math.max(0, ...got.data.map((v, i) => (Object.is(v, want.data[i]) ? 0 : Math.abs(v - want.data[i]!) / scale)))
}
