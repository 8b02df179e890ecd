import type { Dispatch } from '../shader.js'
import type { ConvArithmetic } from './arithmetic.js'
import type { ConvGeometry } from './geometry.js'
import { each, firstPosition, geometryParameters, parameters, phaseText } from './parameters.js'
import type { Split } from './tiled.js'

const threads = 64

/**
 * One thread for each result, or each split of one. Terms are taken in the same order as by tiles; neighbouring threads
 * have neighbouring features, which is how depthwise convolutions walk both operands in order.
 */
export const directConv = (
  geometry: ConvGeometry,
  arithmetic: ConvArithmetic,
  { splits, chunk }: Split,
  destination: number,
): Dispatch => {
  const { plan, axes } = geometry
  const { type } = arithmetic
  const last = axes.length - 1
  const size = geometry.allRows * plan.groups * plan.n
  const { values, text } = parameters({ ...geometryParameters(geometry), size, splits, chunk })
  const carries = axes
    .map((_, a) => a)
    .slice(1)
    .reverse()
    .map((a) => `if (q${a} == count${a}) { q${a} = 0; q${a - 1}++; }`)
    .join('\n')
  const body = `${text}
let item = group * ${threads} + lane;
if (item >= size * splits) { return; }
let split = item / size;
let width = parts * n;
var rest = (item - split * size) / width;
let column = item - split * size - rest * width;
let part = column / n;
${axes
  .map((_, a) => `let y${a} = rest % extent${a}; rest /= extent${a};\nlet rest${a} = y${a} % place_step${a};`)
  .reverse()
  .join('\n')}
${each(axes, '\n', phaseText)}
${each(axes, '\n', (a) => `let place${a} = y${a} / place_step${a} * place_move${a} + base${a};`)}
let x_from = rest * x_batch + part * x_part;
let kernel_from = part * kernel_part + (column - part * n) * kernel_n + ${each(axes, ' + ', (a) => `first${a} * kernel_first${a}`)};
var term = split * chunk;
let end = min(term + chunk, features * ${each(axes, ' * ', (a) => `count${a}`)});
let n${last} = term / features;
var f = term - n${last} * features;
${axes
  .map((_, a) =>
    a === 0 ? 'var q0 = n0;' : `let n${a - 1} = n${a} / count${a};\nvar q${a} = n${a} - n${a - 1} * count${a};`,
  )
  .reverse()
  .join('\n')}
var sum = ${type}();
while (term < end) {
${each(axes, '\n', (a) => `let at_${a} = place${a} + q${a} * position_move${a};`)}
let inside = ${each(axes, ' && ', (a) => `u32(at_${a}) < u32(input${a})`)};
let stop = min(features, f + end - term);
term += stop - f;
var x_at = x_from + f * x_feature + ${each(axes, ' + ', (a) => `at_${a} * x_step${a}`)};
var kernel_at = kernel_from + f * kernel_feature + ${each(axes, ' + ', (a) => `q${a} * kernel_step${a}`)};
while (f < stop) {
var x = ${type}();
if (inside) { x = ${arithmetic.load('$0[x_at]')}; }
sum += x * ${arithmetic.load('$1[kernel_at]')};
x_at += x_feature;
kernel_at += kernel_feature;
f++;
}
f = 0;
q${last}++;
${carries}
}
$2[item] = ${arithmetic.store('sum')};`
  return {
    shader: {
      operands: ['read', 'read', 'write'],
      threads,
      params: values.length,
      declarations: [...arithmetic.declarations, firstPosition],
      body,
    },
    operands: [0, 1, destination],
    params: values,
    groups: Math.ceil((size * splits) / threads),
  }
}
