import type { DotPlan } from '../../../../program/routines.js'
import type { Arithmetic } from './arithmetic.js'
import { type Sink, storeOne, storeQuad } from './epilogue.js'
import { type Method, vectorColumns } from './method.js'
import { type Operand, quadText, wordText } from './operand.js'
import { Parameters, walkText } from './parameters.js'
import type { Work } from './work.js'

const threads = 256
/** Threads that share the contraction of one number: step s is that of thread s / 4 mod 16. */
const parts = 16

const four = [0, 1, 2, 3] as const
const letter = (i: number): string => 'xyzw'[i]!

/**
 * The product of a few vectors with a matrix: each workgroup computes some columns of the result, threads share the
 * contraction, and what they have is added in order. Of a product with few columns it computes rows.
 */
export const vectorsWork = (
  plan: DotPlan,
  { pieces, length }: Extract<Method, { kind: 'vectors' }>,
  vector: Operand,
  matrix: Operand,
  arithmetic: Arithmetic,
  sink: Sink,
): Work => {
  const { width } = sink
  const swapped = vector.operand === 1
  const [count, extent] = swapped ? [plan.n, plan.m] : [plan.m, plan.n]
  const across = matrix.along === 'free'
  const columns = across ? 4 * vectorColumns : vectorColumns
  const perItem = Math.ceil(extent / columns)
  const groups = pieces * plan.batch * perItem
  const p = new Parameters()
  const [all, limit, steps, items, perBatch, piece] = [groups, extent, plan.k, plan.batch, perItem, length].map((v) =>
    p.add(v),
  )
  const walks = (x: Operand) => {
    const [batch, free, contract] = [x.side.batch, x.side.free, x.side.contract].map((w) => walkText(w, p))
    return { batch: batch!('item'), free: free!, contract: contract! }
  }
  const [v, w] = [walks(vector), walks(matrix)]
  const vec = `vec4<${arithmetic.type}>`
  const number = (x: Operand, at: string): string => arithmetic.load(x.operand, wordText(x.operand, at, width))
  const quad = (x: Operand, at: string): string => arithmetic.loadQuad(x.operand, quadText(x.operand, at))
  const rows = Array.from({ length: count }, (_, i) => i)
  const add = (i: number, x: string, y: string): string => `c${i} = ${arithmetic.multiplyAdd(`c${i}`, x, y)};`
  const [wideVector, wideMatrix] = [vector, matrix].map((x) => x.quads && width === 4)
  /** Statements for step k, with the numbers of the matrix there. */
  const step = (y: string): readonly string[] => {
    const xs = rows.map((i) => number(vector, `(v${i} + vk)`))
    return [
      `let y = ${y};`,
      `let vk = ${v.contract('k')};`,
      ...rows.map((i) => add(i, across ? `${vec}(${xs[i]})` : xs[i]!, 'y')),
    ]
  }
  const eachStep = (lines: readonly string[]): readonly string[] => [
    'for (var k = k0; k < min(k0 + 4, end); k++) {',
    `let wk = ${w.contract('k')};`,
    ...lines,
    '}',
  ]
  const acrossLines = (): readonly string[] => {
    const numbers = four.map((e) => `select(${arithmetic.zero}, ${number(matrix, `(w${e} + wk)`)}, inside${e})`)
    const y = wideMatrix ? `select(${vec}(), ${quad(matrix, '(w0 + wk)')}, inside0)` : `${vec}(${numbers.join(', ')})`
    return eachStep(step(y))
  }
  const alongLines = (): readonly string[] => {
    if (!wideMatrix || !wideVector || vector.along === 'free')
      return eachStep(step(`select(${arithmetic.zero}, ${number(matrix, '(w0 + wk)')}, inside0)`))
    return [
      `let wk = ${w.contract('k0')};`,
      `let vk = ${v.contract('k0')};`,
      `let y = select(${vec}(), ${quad(matrix, '(w0 + wk)')}, inside0);`,
      ...rows.map((i) => `let x${i} = ${quad(vector, `(v${i} + vk)`)};`),
      ...four.flatMap((s) => rows.map((i) => add(i, `x${i}.${letter(s)}`, `y.${letter(s)}`))),
    ]
  }
  const put = rows.flatMap((i) => {
    const to = `((${i} * ${parts} + part) * ${columns} + mine)`
    return across ? four.map((e) => `sums[${to} + ${e}] = c${i}.${letter(e)};`) : [`sums[${to}] = c${i};`]
  })
  const at = swapped ? `(rest * ${limit} + column) * ${count} + i` : `(rest * ${count} + i) * ${limit} + column`
  const each = width === 4 ? 4 : 1
  const summed = four.map((e) => `sums[(i * ${parts} + s) * ${columns} + own + ${e}]`)
  const one = width === 4 ? `${vec}(${summed.join(', ')})` : summed[0]!
  const store =
    width === 4
      ? storeQuad(
          sink,
          four.map((e) => `sum.${letter(e)}`),
          at,
          `${limit} - column`,
        )
      : `if (column < ${limit}) ${storeOne(sink, 'sum', at)}`
  const body = [
    `if (group >= ${all}) { return; }`,
    `let rest = group / ${perBatch};`,
    `let item = rest % ${items};`,
    `let begin = rest / ${items} * ${piece};`,
    `let end = min(${steps}, begin + ${piece});`,
    `let column0 = group % ${perBatch} * ${columns};`,
    across ? `let part = lane / ${threads / parts};` : `let part = lane % ${parts};`,
    across ? `let mine = lane % ${threads / parts} * 4;` : `let mine = lane / ${parts};`,
    ...rows.map((i) => `let v${i} = ${v.batch} + ${v.free(String(i))};`),
    ...(across ? four : [0]).flatMap((e) => [
      `let column${e + 1} = column0 + mine + ${e};`,
      `let inside${e} = column${e + 1} < ${limit};`,
      `let w${e} = ${w.batch} + ${w.free(`column${e + 1}`)};`,
    ]),
    ...rows.map((i) => `var c${i} = ${across ? vec : arithmetic.type}();`),
    `for (var k0 = begin + part * 4; k0 < end; k0 += ${4 * parts}) {`,
    ...(across ? acrossLines() : alongLines()),
    '}',
    ...put,
    'workgroupBarrier();',
    `if (lane < ${(count * columns) / each}) {`,
    `let i = lane / ${columns / each};`,
    `let own = lane % ${columns / each} * ${each};`,
    'let column = column0 + own;',
    `var sum = ${width === 4 ? vec : arithmetic.type}();`,
    `for (var s = 0; s < ${parts}; s++) { sum += ${one}; }`,
    store,
    '}',
  ]
  return {
    threads,
    parameters: p.values,
    groups,
    declarations: [`var<workgroup> sums: array<${arithmetic.type}, ${count * parts * columns}>;`],
    body: body.join('\n'),
  }
}
