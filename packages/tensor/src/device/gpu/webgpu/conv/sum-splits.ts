import type { Dispatch } from '../shader.js'
import type { ConvArithmetic } from './arithmetic.js'

const threads = 64

/** Results from the sums of their splits, which are added in order: operand `from` has them split by split. */
export const sumSplits = (
  size: number,
  splits: number,
  from: number,
  to: number,
  { type, load, store, declarations }: ConvArithmetic,
): Dispatch => ({
  shader: {
    operands: ['read', 'write'],
    threads,
    params: 2,
    declarations,
    body: `let i = group * ${threads} + lane;
if (i >= p0) { return; }
var sum: ${type};
for (var split = 0; split < p1; split++) { sum += ${load('$0[split * p0 + i]')}; }
$1[i] = ${store('sum')};`,
  },
  operands: [from, to],
  params: [size, splits],
  groups: Math.ceil(size / threads),
})

/** Zeros for sums of no terms. */
export const zeros = (size: number, to: number): Dispatch => ({
  shader: {
    operands: ['write'],
    threads,
    params: 1,
    declarations: [],
    body: `let i = group * ${threads} + lane;
if (i >= p0) { return; }
$0[i] = 0u;`,
  },
  operands: [to],
  params: [size],
  groups: Math.ceil(size / threads),
})
