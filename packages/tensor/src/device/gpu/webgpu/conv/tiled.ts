import type { Dispatch } from '../shader.js'
import type { ConvArithmetic } from './arithmetic.js'
import type { ConvGeometry } from './geometry.js'
import { each, firstPosition, geometryParameters, parameters, phaseText } from './parameters.js'

/** Rows and columns of the result that a workgroup computes, 4 x 4 in each thread, taking so many terms at a time. */
export interface Tile {
  readonly rows: number
  readonly columns: number
  readonly depth: number
}

/** How sums are divided: `chunk` terms of each to a workgroup. */
export interface Split {
  readonly splits: number
  readonly chunk: number
}

const far = -0x40000000
const four = [0, 1, 2, 3] as const

/** A row's batch entry and place among those of its phase, as statements that declare `{name}b` and `{name}o0` ... */
const rowText = (geometry: ConvGeometry, name: string, row: string): string => {
  const last = geometry.axes.length - 1
  const lines = [
    `let ${name}q = ${row} / select(places, batch, across);`,
    `let ${name}r = ${row} - ${name}q * select(places, batch, across);`,
    `let ${name}b = select(${name}q, ${name}r, across);`,
    `let ${name}p${last} = select(${name}r, ${name}q, across);`,
  ]
  for (let a = last; a > 0; a--)
    lines.push(
      `let ${name}p${a - 1} = ${name}p${a} / outs${a};`,
      `let ${name}o${a} = ${name}p${a} - ${name}p${a - 1} * outs${a};`,
    )
  return [...lines, `let ${name}o0 = ${name}p0;`].join('\n')
}

/** The digits of a term, `{name}f` of features and `{name}q0` ... of positions, as declarations by `how`. */
const digitsText = (geometry: ConvGeometry, name: string, term: string, how: 'let' | 'var'): string => {
  const last = geometry.axes.length - 1
  const lines = [`let ${name}n${last} = ${term} / features;`, `${how} ${name}f = ${term} - ${name}n${last} * features;`]
  for (let a = last; a > 0; a--)
    lines.push(
      `let ${name}n${a - 1} = ${name}n${a} / count${a};`,
      `${how} ${name}q${a} = ${name}n${a} - ${name}n${a - 1} * count${a};`,
    )
  return [...lines, `${how} ${name}q0 = ${name}n0;`].join('\n')
}

/** Adds the digits `step` to the digits of `name`. */
const advanceText = (geometry: ConvGeometry, name: string): string => {
  const lines = [
    `${name}f += stepf;`,
    `let ${name}c${geometry.axes.length} = ${name}f >= features;`,
    `${name}f -= select(0, features, ${name}c${geometry.axes.length});`,
  ]
  for (let a = geometry.axes.length - 1; a > 0; a--)
    lines.push(
      `${name}q${a} += stepq${a} + select(0, 1, ${name}c${a + 1});`,
      `let ${name}c${a} = ${name}q${a} >= count${a};`,
      `${name}q${a} -= select(0, count${a}, ${name}c${a});`,
    )
  return [...lines, `${name}q0 += stepq0 + select(0, 1, ${name}c1);`].join('\n')
}

/**
 * Sums as a matrix product: rows are places of the result, columns its features, terms positions of the window and
 * within them features. Both operands come into workgroup memory a few terms at a time. Of `destination`, `split` by
 * `split`, each has the whole result.
 */
export const tiledConv = (
  geometry: ConvGeometry,
  arithmetic: ConvArithmetic,
  { rows, columns, depth }: Tile,
  { splits, chunk }: Split,
  destination: number,
): Dispatch => {
  const { plan, axes } = geometry
  const { type } = arithmetic
  const last = axes[axes.length - 1]!
  const threads = (rows * columns) / 16
  const quads = threads / depth
  const slots = Array.from({ length: Math.ceil(rows / 4 / quads) }, (_, i) => i)
  const rowWidth = rows / 4 + 1
  const columnWidth = columns / 4 + 1
  const rowTiles = Math.ceil(geometry.rows / rows)
  const columnTiles = Math.ceil(plan.n / columns)
  const across = plan.batch > 1 && plan.x.batch < last.x * last.stride
  const rowStep = across ? plan.x.batch : (last.x * last.placeStep * last.stride) / last.gap
  const [xStep, kernelStep] =
    plan.features > 1
      ? [plan.x.feature, plan.kernel.feature]
      : [(last.x * last.positionStep * last.dilation) / last.gap, last.kernel * last.positionStep]
  const { values, text } = parameters({
    ...geometryParameters(geometry),
    row_tiles: rowTiles,
    column_tiles: columnTiles,
    phases: geometry.phases,
    splits,
    chunk,
    size: geometry.allRows * plan.groups * plan.n,
    rows_across: across ? 1 : 0,
    x_along: xStep < rowStep ? 1 : 0,
    kernel_along: kernelStep < plan.kernel.n ? 1 : 0,
  })
  const body = `${text}
let across = rows_across != 0;
var rest = group;
let column_tile = rest % column_tiles; rest /= column_tiles;
let row_tile = rest % row_tiles; rest /= row_tiles;
let part = rest % parts; rest /= parts;
var phase = rest % phases;
let split = rest / phases;
if (split >= splits) { return; }
${each(axes, '\n', (a) => `let rest${a} = phase % phases${a}; phase /= phases${a};\n${phaseText(a)}`)}
${each(axes, '\n', (a) => `let outs${a} = (extent${a} - rest${a} + place_step${a} - 1) / place_step${a};`)}
let places = ${each(axes, ' * ', (a) => `outs${a}`)};
let rows = batch * places;
let first_row = row_tile * ${rows};
if (first_row >= rows) { return; }
let first_column = column_tile * ${columns};
let start = split * chunk;
let end = min(start + chunk, features * ${each(axes, ' * ', (a) => `count${a}`)});
${digitsText(geometry, 'step', `${depth}`, 'let')}

let along = lane % ${depth};
let beside = lane / ${depth};
let x_term = select(lane / ${quads}, along, x_along != 0);
let x_quad = select(lane % ${quads}, beside, x_along != 0);
let kernel_term = select(lane / ${quads}, along, kernel_along != 0);
let kernel_quad = select(lane % ${quads}, beside, kernel_along != 0);
${digitsText(geometry, 'x', '(start + x_term)', 'var')}
${digitsText(geometry, 'k', '(start + kernel_term)', 'var')}
let kernel_column = first_column + kernel_quad * 4;
let kernel_at = part * kernel_part + kernel_column * kernel_n + ${each(axes, ' + ', (a) => `first${a} * kernel_first${a}`)};
${slots
  .flatMap((i) => four.map((j) => ({ name: `r${i}${j}`, row: `(first_row + (x_quad + ${i * quads}) * 4 + ${j})` })))
  .map(
    ({ name, row }) => `${rowText(geometry, name, row)}
${each(axes, '\n', (a) => `${a === 0 ? 'var' : 'let'} ${name}at${a} = ${name}o${a} * place_move${a} + base${a};`)}
let ${name}x = part * x_part + ${name}b * x_batch + ${each(axes, ' + ', (a) => `${name}at${a} * x_step${a}`)};
if (${row} >= rows) { ${name}at0 = ${far}; }`,
  )
  .join('\n')}
${four.map((j) => `var sum${j} = vec4<${type}>();`).join('\n')}

for (var term = start; term < end; term += ${depth}) {
${each(axes, '\n', (a) => `${a === 0 ? 'var' : 'let'} to${a} = xq${a} * position_move${a};`)}
let x_to = xf * x_feature + ${each(axes, ' + ', (a) => `to${a} * x_step${a}`)};
if (term + x_term >= end) { to0 = ${far}; }
${slots
  .map(
    (i) => `{
var four = vec4<${type}>();
${four
  .map(
    (j) =>
      `if (${each(axes, ' && ', (a) => `u32(r${i}${j}at${a} + to${a}) < u32(input${a})`)}) { four[${j}] = ${arithmetic.load(`$0[r${i}${j}x + x_to]`)}; }`,
  )
  .join('\n')}
x_tile[x_term * ${rowWidth} + x_quad + ${i * quads}] = four;
}`,
  )
  .join('\n')}
${columns / 4 < quads ? `if (kernel_quad < ${columns / 4}) ` : ''}{
var four = vec4<${type}>();
if (term + kernel_term < end) {
let k_at = kernel_at + kf * kernel_feature + ${each(axes, ' + ', (a) => `kq${a} * kernel_step${a}`)};
${four.map((j) => `if (kernel_column + ${j} < n) { four[${j}] = ${arithmetic.load(`$1[k_at + ${j} * kernel_n]`)}; }`).join('\n')}
}
kernel_tile[kernel_term * ${columnWidth} + kernel_quad] = four;
}
${advanceText(geometry, 'x')}
${advanceText(geometry, 'k')}
workgroupBarrier();
for (var t = 0; t < ${depth}; t++) {
let left = x_tile[t * ${rowWidth} + lane / ${columns / 4}];
let right = kernel_tile[t * ${columnWidth} + lane % ${columns / 4}];
${four.map((j) => `sum${j} += left[${j}] * right;`).join('\n')}
}
workgroupBarrier();
}

let column = first_column + lane % ${columns / 4} * 4;
var sums = array(${four.map((j) => `sum${j}`).join(', ')});
for (var j = 0; j < 4; j++) {
let row = first_row + lane / ${columns / 4} * 4 + j;
if (row >= rows) { break; }
${rowText(geometry, 'w', 'row')}
var place = wb;
${each(axes, '\n', (a) => `place = place * extent${a} + wo${a} * place_step${a} + rest${a};`)}
let to = split * size + (place * parts + part) * n + column;
for (var c = 0; c < min(4, n - column); c++) { $2[to + c] = ${arithmetic.store('sums[j][c]')}; }
}`
  return {
    shader: {
      operands: ['read', 'read', 'write'],
      threads,
      params: values.length,
      declarations: [
        ...arithmetic.declarations,
        firstPosition,
        `var<workgroup> x_tile: array<vec4<${type}>, ${depth * rowWidth}>;`,
        `var<workgroup> kernel_tile: array<vec4<${type}>, ${depth * columnWidth}>;`,
      ],
      body,
    },
    operands: [0, 1, destination],
    params: values,
    groups: rowTiles * columnTiles * plan.groups * geometry.phases * splits,
  }
}
