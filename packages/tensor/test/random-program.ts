import { array, type Tensor } from '@linum/tensor'
import { fc } from '@fast-check/vitest'
import {
  elementwise,
  largest,
  type Op,
  partner,
  pick,
  reductions,
  routines,
  sizeOf,
  views,
} from './random-operations.js'
import { windows } from './random-windows.js'

/** One operation: which, on which earlier values, and numbers that decide the rest. */
interface Gene {
  readonly op: string
  readonly a: number
  readonly b: number
  readonly p: readonly number[]
}

type Stored = 'float32' | 'int32' | 'uint32' | 'bool'

interface Input {
  readonly shape: readonly number[]
  readonly dtype: Stored
  readonly seed: number
}

/** A straight-line program as data: values are used many times, and several are results. */
export interface RandomProgram {
  readonly inputs: readonly Input[]
  readonly genes: readonly Gene[]
  readonly outputs: readonly number[]
}

const specials = [0, -0, 1, -1, 0.5, -0.5, 2, 3.25, -7.75, NaN, Infinity, -Infinity, 1e-40, 3e38, -3e38, 16777217, 0.1]
const integers = [0, 1, -1, 2, 3, -3, 7, 31, 32, 33, 255, 2147483647, -2147483648, 65536]

/** An input's tensor: all elements different for an even seed, so that no misplaced one goes unseen; else small and special numbers. */
const tensorOf = ({ shape, dtype, seed }: Input): Tensor => {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state >>> 8
  }
  const flat = Array.from({ length: sizeOf(shape) }, (_, i) => {
    if (seed % 2 === 0 && dtype !== 'bool') return i + 1
    const [kind, value] = [next() % 4, next()]
    if (dtype === 'bool') return value % 2
    if (dtype === 'float32') return kind === 0 ? pick(specials, value) : (value % 4001) / 500 - 4
    return kind === 0 ? pick(integers, value) : (value % 21) - (dtype === 'int32' ? 10 : 0)
  })
  if (dtype === 'bool') return array(Int32Array.from(flat)).astype('bool').reshape(shape)
  const data =
    dtype === 'float32' ? Float32Array.from(flat) : dtype === 'uint32' ? Uint32Array.from(flat) : Int32Array.from(flat)
  return array(data).reshape(shape)
}

const ops: Readonly<Record<string, Op>> = { ...elementwise, ...views, ...reductions, ...windows, ...routines }

/** The names of all operations that programs are made of. */
export const operations: readonly string[] = Object.keys(ops)

/** Index arithmetic shows in long chains of these, which fuse into one kernel. */
const moves = fc.oneof(
  { weight: 5, arbitrary: fc.constant('reshape') },
  { weight: 6, arbitrary: fc.constantFrom('flip', 'transpose', 'slice') },
  { weight: 4, arbitrary: fc.constantFrom(...Object.keys(views)) },
  { weight: 4, arbitrary: fc.constantFrom('add', 'multiply', 'subtract', 'where', 'negative', 'number') },
  { weight: 1, arbitrary: fc.constantFrom('iota', 'sum', 'max', 'take', 'call') },
)

const anything = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(elementwise)) },
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(views)) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(reductions)) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(windows)) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(routines)) },
)
const geneOf = (op: fc.Arbitrary<string>): fc.Arbitrary<Gene> =>
  fc.record({
    op,
    a: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(30) }),
    b: fc.nat(30),
    p: fc.array(fc.noBias(fc.nat(9999)), { minLength: 5, maxLength: 5 }),
  })
const extent = fc.noBias(
  fc.oneof(
    { weight: 30, arbitrary: fc.integer({ min: 2, max: 4 }) },
    { weight: 6, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.constant(0) },
  ),
)
const shape = fc
  .constantFrom(2, 3, 1, 4, 0, 2, 3)
  .chain((rank) => fc.array(extent, { minLength: rank, maxLength: rank }))
const input: fc.Arbitrary<Input> = fc.record({
  shape: shape.map((s) => (sizeOf(s) <= largest ? s : s.slice(0, 2))),
  dtype: fc.constantFrom<Stored>('float32', 'float32', 'int32', 'uint32', 'bool'),
  seed: fc.nat(10_000),
})

/** Programs of up to `most` operations: of all kinds, of those that mainly move elements, or of one alone. */
export const randomProgram = (kind: string, most: number): fc.Arbitrary<RandomProgram> =>
  fc.record({
    inputs: fc.array(input, { minLength: 1, maxLength: 3 }),
    genes: fc.array(geneOf(kind === 'anything' ? anything : kind === 'moves' ? moves : fc.constantFrom(kind)), {
      minLength: 1,
      maxLength: most,
    }),
    outputs: fc.array(fc.nat(30), { minLength: 1, maxLength: 4 }),
  })

export const inputsOf = (program: RandomProgram): Tensor[] => program.inputs.map(tensorOf)

/** Runs a program. What it does depends on shapes and dtypes alone, so that a trace does the same. */
export const runProgram = ({ genes, outputs }: RandomProgram, inputs: readonly Tensor[]): Tensor[] => {
  const pool = [...inputs]
  for (const { op, a, b, p } of genes) {
    // Counted from the newest, so that small numbers make deep programs.
    const x = pool[pool.length - 1 - (a % pool.length)]!
    pool.push(...ops[op]!(x, partner(pool, x, b), p, pool).filter((r) => r.size <= largest && r.ndim <= 5))
  }
  return outputs.map((o) => pool[pool.length - 1 - (o % pool.length)]!)
}
