import type { DotPlan } from '../../../../program/routines.js'
import type { Arithmetic } from './arithmetic.js'
import { type Sink, storeOne } from './epilogue.js'
import { wordText } from './operand.js'
import { Parameters, walkText } from './parameters.js'
import type { Work } from './work.js'

const threads = 64

/** A thread for each number of the result, which is summed in the order of the contraction. */
export const directWork = (plan: DotPlan, arithmetic: Arithmetic, sink: Sink): Work => {
  const { batch, m, n, k } = plan
  const p = new Parameters()
  const [total, rows, columns, steps] = [batch * m * n, m, n, k].map((v) => p.add(v))
  const number = (side: 0 | 1): readonly [base: string, value: string] => {
    const { batch: items, free, contract } = side === 0 ? plan.left : plan.right
    const base = `${walkText(items, p)('item')} + ${walkText(free, p)(side === 0 ? 'row' : 'column')}`
    const at = `(${side === 0 ? 'a' : 'b'} + ${walkText(contract, p)('k')})`
    return [base, arithmetic.load(side, wordText(side, at, sink.width))]
  }
  const [[a, x], [b, y]] = [number(0), number(1)]
  return {
    threads,
    parameters: p.values,
    groups: Math.ceil((batch * m * n) / threads),
    declarations: [],
    body: `let place = group * ${threads} + lane;
if (place >= ${total}) { return; }
let column = place % ${columns};
let row = place / ${columns} % ${rows};
let item = place / ${columns} / ${rows};
let a = ${a};
let b = ${b};
var sum = ${arithmetic.type}();
for (var k = 0; k < ${steps}; k++) { sum = ${arithmetic.multiplyAdd('sum', x, y)}; }
${storeOne(sink, 'sum', 'place')}`,
  }
}

/** Adds the sums of the pieces of the contraction, in their order; operand 0 has those of each piece together. */
export const piecesWork = (pieces: number, total: number, arithmetic: Arithmetic, sink: Sink): Work => {
  const p = new Parameters()
  const [size, many] = [total, pieces].map((v) => p.add(v))
  const piece = (at: string): string => (arithmetic.type === 'u32' ? `$0[${at}]` : `bitcast<f32>($0[${at}])`)
  return {
    threads,
    parameters: p.values,
    groups: Math.ceil(total / threads),
    declarations: [],
    body: `let place = group * ${threads} + lane;
if (place >= ${size}) { return; }
var sum = ${piece('place')};
for (var s = 1; s < ${many}; s++) { sum += ${piece(`s * ${size} + place`)}; }
${storeOne(sink, 'sum', 'place')}`,
  }
}
