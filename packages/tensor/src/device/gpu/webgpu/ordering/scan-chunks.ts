import type { StoredDType } from '../../../../core/dtype.js'
import type { Shader } from '../shader.js'
import { loadText, registerType, storeText } from '../words.js'
import { elementText } from './lines.js'

/** Elements of a chunk: what a workgroup adds up. */
export const chunkLength = 1024
const threads = 256
const share = chunkLength / threads

/** Where element `i` of a line lies in the order of the walk. */
export const walkText = (i: string): string => elementText('line', `select(${i}, p1 - 1 - (${i}), p3 != 0)`, 'p1', 'p2')

/**
 * Running sums within chunks of lines: every thread adds up its share in order, then threads add up those before theirs,
 * doubling their reach. Operands: the elements; the sums; the sum of each chunk, line by line. Parameters: the lines,
 * their length and inner extent, whether to walk backwards, the chunks of a line. `rounded` is the text of a sum as it
 * is stored.
 */
export const scanChunks = (
  dtype: StoredDType,
  declarations: readonly string[],
  rounded: (sum: string) => string,
): Shader => ({
  operands: ['read', 'write', 'write'],
  threads,
  params: 5,
  declarations: [`var<workgroup> totals: array<${registerType(dtype)}, ${threads}>;`, ...declarations],
  body: `if (group >= p0 * p4) { return; }
let line = group / p4;
let start = group % p4 * ${chunkLength} + lane * ${share};
var sums: array<${registerType(dtype)}, ${share}>;
var total = ${registerType(dtype)}(0);
for (var k = 0; k < ${share}; k++) {
  let i = start + k;
  if (i < p1) { total += ${loadText(`$0[${walkText('i')}]`, dtype)}; }
  sums[k] = total;
}
totals[lane] = total;
workgroupBarrier();
for (var reach = 1; reach < ${threads}; reach *= 2) {
  if (lane >= reach) { total = totals[lane - reach] + total; }
  workgroupBarrier();
  totals[lane] = total;
  workgroupBarrier();
}
var before = ${registerType(dtype)}(0);
if (lane > 0) { before = totals[lane - 1]; }
for (var k = 0; k < ${share}; k++) {
  let i = start + k;
  if (i < p1) { $1[${walkText('i')}] = ${storeText(rounded('(before + sums[k])'), dtype)}; }
}
if (lane == ${threads - 1}) { $2[group] = ${storeText('total', dtype)}; }`,
})
