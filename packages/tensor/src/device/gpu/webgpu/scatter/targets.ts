import type { Dispatch, Shader } from '../shader.js'

const threads = 256
/** Indices that one shader reads. */
const together = 6

/** The target of an update that lies outside: greater than all others. */
export const outside = '0xffffffffu'

/**
 * Where the window of each update starts in the target, or `outside`. Operands: that many indices, the result, which
 * `continued` has the part of the axes before. Parameters: the updates, then extent and stride of each axis.
 */
const targets = (axes: number, continued: boolean): Shader => ({
  operands: Array.from({ length: axes + 1 }, (_, k) => (k < axes ? 'read' : 'write')),
  threads,
  params: 1 + 2 * axes,
  declarations: [],
  body: `let u = group * ${threads} + lane;
if (u >= p0) { return; }
var start = ${continued ? `$${axes}[u]` : '0u'};
${Array.from(
  { length: axes },
  (_, k) => `if (start != ${outside}) {
  let index = $${k}[u];
  start = select(${outside}, start + index * u32(p${2 + 2 * k}), index < u32(p${1 + 2 * k}));
}`,
).join('\n')}
$${axes}[u] = start;`,
})

/** Writes the target of each update to operand `into`; the indices are operands from 1 on. */
export const findTargets = (
  extents: readonly number[],
  strides: readonly number[],
  updates: number,
  into: number,
): readonly Dispatch[] =>
  Array.from({ length: Math.max(1, Math.ceil(extents.length / together)) }, (_, part) => {
    const first = part * together
    const some = extents.slice(first, first + together)
    return {
      shader: targets(some.length, part > 0),
      operands: [...some.map((_, k) => 1 + first + k), into],
      params: [updates, ...some.flatMap((extent, k) => [extent, strides[first + k]!])],
      groups: Math.ceil(updates / threads),
    }
  })
