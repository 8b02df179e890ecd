import type { Arithmetic } from './arithmetic.js'
import { type Operand, quadText, wordText } from './operand.js'
import { type Parameters, walkText } from './parameters.js'

/** Steps of the contraction that are in workgroup memory at a time. */
export const tileDepth = 16

/** Where the tile of an operand is: names of the first row (or column), how many there are in all, of the item's number. */
interface TilePlace {
  readonly first: string
  readonly extent: string
  readonly item: string
}

/** How a tile gets into workgroup memory and from there into registers. */
export interface TileOperand {
  readonly declaration: string
  /** Statements before the loop over tiles. */
  readonly before: readonly string[]
  /** Statements that read the tile of the steps from `start` on, before `end`, and those that put it into workgroup memory. */
  readonly read: (start: string, end: string) => readonly string[]
  readonly put: (start: string, end: string) => readonly string[]
  /**
   * Statements that take four rows, those of thread `thread` (a name) in a block, and four steps (`quad`, a name, counts
   * fours of steps) into registers.
   */
  readonly take: (block: number, thread: string, quad: string) => readonly string[]
  /** Row i at step s of the fours that were taken; all four rows at step s. */
  readonly number: (block: number, i: number, s: number) => string
  readonly rows: (block: number, s: number) => string
}

const four = [0, 1, 2, 3] as const
const letter = (i: number): string => 'xyzw'[i]!

/**
 * The tile of `across` rows of the left operand (columns of the right), of which blocks of `perBlock` fours belong to
 * threads. It lies in workgroup memory as it is read, in vectors along its rows or along the contraction.
 */
export const tileOperand = (
  operand: Operand,
  arithmetic: Arithmetic,
  parameters: Parameters,
  place: TilePlace,
  { across, perBlock, threads, width }: { across: number; perBlock: number; threads: number; width: 1 | 4 },
): TileOperand => {
  const { side, along } = operand
  const quads = operand.quads && width === 4
  const name = operand.operand === 0 ? 'a' : 'b'
  const store = `tile_${name}`
  const vector = `vec4<${arithmetic.type}>`
  const [batch, free, contract] = [side.batch, side.free, side.contract].map((w) => walkText(w, parameters)) as [
    (index: string) => string,
    (index: string) => string,
    (index: string) => string,
  ]
  const count = (across * tileDepth) / 4 / threads
  // Numbers read one by one make long texts, which drivers take long to compile: there turns are a loop.
  const looped = !quads && count > 1
  const turns = looped ? [0] : Array.from({ length: count }, (_, t) => t)
  const turn = (t: number, step: number): string => (looped ? `turn * ${step}` : String(t * step))
  const reads = (read: (start: string, end: string) => readonly string[], put: readonly string[]) => ({
    read: looped ? () => [] : read,
    put: (start: string, end: string) =>
      looped ? [`for (var turn = 0; turn < ${count}; turn++) {`, ...read(start, end), ...put, '}'] : put,
  })
  const base = `let ${name}_base = ${batch(place.item)};`
  const number = (at: string): string => arithmetic.load(operand.operand, wordText(operand.operand, at, width))
  const quad = (at: string): string => arithmetic.loadQuad(operand.operand, quadText(operand.operand, at))
  const guarded = (value: string, test: string): string => `select(${arithmetic.zero}, ${value}, ${test})`
  const value = (t: number, one: (e: number) => readonly [at: string, test: string]): string => {
    const [at, test] = one(0)
    return quads
      ? `let ${name}_v${t} = select(${vector}(), ${quad(at)}, ${test});`
      : `let ${name}_v${t} = ${vector}(${four.map((e) => guarded(number(one(e)[0]), one(e)[1])).join(', ')});`
  }
  if (along === 'contract') {
    // A vector in sixteen stays unused: else threads with neighbouring rows would read the same bank of memory.
    const step = threads / 4
    const rows = turns.flatMap((t) => [
      `let ${name}_r${t} = ${place.first} + ${name}_f + ${turn(t, step)};`,
      `let ${name}_in${t} = ${name}_r${t} < ${place.extent};`,
      `let ${name}_o${t} = ${name}_base + ${free(`${name}_r${t}`)};`,
    ])
    return {
      declaration: `var<workgroup> ${store}: array<${vector}, ${(across * 17) / 4}>;`,
      before: [base, `let ${name}_f = lane >> 2;`, `let ${name}_q = lane & 3;`, ...(looped ? [] : rows)],
      ...reads(
        (start, end) => [
          ...(looped ? rows : []),
          ...(quads ? [0] : four).flatMap((e) => [
            `let ${name}_c${e} = ${start} + ${name}_q * 4 + ${e};`,
            `let ${name}_d${e} = ${contract(`${name}_c${e}`)};`,
          ]),
          ...turns.map((t) =>
            value(t, (e) => [`(${name}_o${t} + ${name}_d${e})`, `${name}_in${t} && ${name}_c${e} < ${end}`]),
          ),
        ],
        turns.map((t) => {
          const row = `${name}_f + ${turn(t, step)}`
          return `${store}[(${row}) * 4 + ((${row}) >> 2) + ${name}_q] = ${name}_v${t};`
        }),
      ),
      take: (block, thread, q) =>
        four.map(
          (i) => `let ${name}${block}_${i} = ${store}[(${thread} + ${block * perBlock}) * 17 + ${4 * i} + ${q}];`,
        ),
      number: (block, i, s) => `${name}${block}_${i}.${letter(s)}`,
      rows: (block, s) => `${vector}(${four.map((j) => `${name}${block}_${j}.${letter(s)}`).join(', ')})`,
    }
  }
  const fours = across / 4
  const step = threads / fours
  return {
    declaration: `var<workgroup> ${store}: array<${vector}, ${fours * tileDepth}>;`,
    before: [
      base,
      `let ${name}_q = lane % ${fours};`,
      `let ${name}_k = lane / ${fours};`,
      ...(quads ? [0] : four).flatMap((e) => [
        `let ${name}_r${e} = ${place.first} + ${name}_q * 4 + ${e};`,
        `let ${name}_in${e} = ${name}_r${e} < ${place.extent};`,
        `let ${name}_o${e} = ${name}_base + ${free(`${name}_r${e}`)};`,
      ]),
    ],
    ...reads(
      (start, end) =>
        turns.flatMap((t) => [
          `let ${name}_c${t} = ${start} + ${name}_k + ${turn(t, step)};`,
          `let ${name}_d${t} = ${contract(`${name}_c${t}`)};`,
          value(t, (e) => [`(${name}_o${e} + ${name}_d${t})`, `${name}_in${e} && ${name}_c${t} < ${end}`]),
        ]),
      turns.map((t) => `${store}[(${name}_k + ${turn(t, step)}) * ${fours} + ${name}_q] = ${name}_v${t};`),
    ),
    take: (block, thread, q) =>
      four.map(
        (s) => `let ${name}${block}_${s} = ${store}[(${q} * 4 + ${s}) * ${fours} + ${block * perBlock} + ${thread}];`,
      ),
    number: (block, i, s) => `${name}${block}_${s}.${letter(i)}`,
    rows: (block, s) => `${name}${block}_${s}`,
  }
}
