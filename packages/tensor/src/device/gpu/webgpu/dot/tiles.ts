import type { DotPlan } from '../../../../program/routines.js'
import type { Arithmetic } from './arithmetic.js'
import { type Sink, storeQuad } from './epilogue.js'
import type { Method } from './method.js'
import { tilesIn } from './method.js'
import type { Operand } from './operand.js'
import { Parameters } from './parameters.js'
import { tileDepth, tileOperand } from './tile-operand.js'
import type { Work } from './work.js'

const four = [0, 1, 2, 3] as const

/**
 * Each workgroup computes a tile of the result from tiles of the operands in workgroup memory; each number is summed in
 * the order of the contraction.
 */
export const tilesWork = (
  plan: DotPlan,
  method: Extract<Method, { kind: 'tiles' }>,
  left: Operand,
  right: Operand,
  arithmetic: Arithmetic,
  sink: Sink,
): Work => {
  const { batch, m, n, k } = plan
  const { tile, pieces, length } = method
  const threads = tile.rows * tile.columns
  const [tall, wide] = [4 * tile.rows * tile.blocks, 4 * tile.columns]
  const perItem = tilesIn(tile, m, n)
  const groups = pieces * batch * perItem
  const p = new Parameters()
  const [all, rows, columns, steps, items, tiles, across, piece] = [
    groups,
    m,
    n,
    k,
    batch,
    perItem,
    Math.ceil(n / wide),
    length,
  ].map((v) => p.add(v))
  const { width } = sink
  const a = tileOperand(
    left,
    arithmetic,
    p,
    { first: 'row0', extent: rows!, item: 'item' },
    { across: tall, perBlock: tile.rows, threads, width },
  )
  const b = tileOperand(
    right,
    arithmetic,
    p,
    { first: 'column0', extent: columns!, item: 'item' },
    { across: wide, perBlock: tile.columns, threads, width },
  )
  const vector = `vec4<${arithmetic.type}>`
  const blocks = Array.from({ length: tile.blocks }, (_, block) => block)
  const sum = (block: number, i: number): string => `c${block}_${i}`
  const add = (s: number, block: number, i: number): string =>
    `${sum(block, i)} = ${arithmetic.multiplyAdd(sum(block, i), `${vector}(${a.number(block, i, s)})`, `b_row${s}`)};`
  const body = [
    `if (group >= ${all}) { return; }`,
    `let rest = group / ${tiles};`,
    `let item = rest % ${items};`,
    `let begin = rest / ${items} * ${piece};`,
    `let end = min(${steps}, begin + ${piece});`,
    `let tile = group % ${tiles};`,
    `let row0 = tile / ${across} * ${tall};`,
    `let column0 = tile % ${across} * ${wide};`,
    `let ty = lane / ${tile.columns};`,
    `let tx = lane % ${tile.columns};`,
    ...a.before,
    ...b.before,
    ...blocks.flatMap((block) => four.map((i) => `var ${sum(block, i)} = ${vector}();`)),
    `for (var start = begin; start < end; start += ${tileDepth}) {`,
    ...a.read('start', 'end'),
    ...b.read('start', 'end'),
    'workgroupBarrier();',
    ...a.put('start', 'end'),
    ...b.put('start', 'end'),
    'workgroupBarrier();',
    `let quads = min(${tileDepth / 4}, (end - start + 3) / 4);`,
    'for (var q = 0; q < quads; q++) {',
    ...blocks.flatMap((block) => a.take(block, 'ty', 'q')),
    ...b.take(0, 'tx', 'q'),
    ...four.map((s) => `let b_row${s} = ${b.rows(0, s)};`),
    ...four.flatMap((s) => blocks.flatMap((block) => four.map((i) => add(s, block, i)))),
    '}',
    '}',
    `let column = column0 + tx * 4;`,
    ...blocks.flatMap((block) =>
      four.map((i) => {
        const at = `(rest * ${rows} + row) * ${columns} + column`
        return [
          '{',
          `let row = row0 + ty * 4 + ${4 * tile.rows * block + i};`,
          `if (row < ${rows}) {`,
          storeQuad(
            sink,
            ['x', 'y', 'z', 'w'].map((c) => `${sum(block, i)}.${c}`),
            at,
            `${columns} - column`,
          ),
          '}',
          '}',
        ].join('\n')
      }),
    ),
  ]
  return {
    threads,
    parameters: p.values,
    groups,
    declarations: [a.declaration, b.declaration],
    body: body.join('\n'),
  }
}
