import type { Dispatch, Shader } from '../shader.js'

const threads = 256
/** Elements that a thread merges. */
const share = 8

/** Words in ascending order with the elements that they come from, by the step's operand, line by line. */
export interface Sorted {
  readonly words: number
  readonly places: number
}

/**
 * Merges sorted runs of each line two by two. A thread searches for where its share of the merged run starts in both of
 * them. Parameters: the lines, their length, that of a run, a multiple of `share`.
 */
const merge: Shader = {
  operands: ['read', 'read', 'write', 'write'],
  threads,
  params: 3,
  declarations: [],
  body: `let shares = (p1 + ${share - 1}) / ${share};
let t = group * ${threads} + lane;
let line = t / shares;
if (line >= p0) { return; }
let start = t % shares * ${share};
let pair = start / (2 * p2) * (2 * p2);
let offset = start - pair;
let a = line * p1 + pair;
let b = a + p2;
let countA = min(p2, p1 - pair);
let countB = clamp(p1 - pair - p2, 0, p2);
var low = max(0, offset - countB);
var high = min(offset, countA);
while (low < high) {
  let middle = (low + high) / 2;
  if ($0[a + middle] <= $0[b + offset - 1 - middle]) { low = middle + 1; } else { high = middle; }
}
var i = low;
var j = offset - low;
let end = min(${share}, p1 - start);
for (var k = 0; k < end; k++) {
  var source = a + i;
  if (i >= countA || (j < countB && $0[b + j] < $0[source])) {
    source = b + j;
    j++;
  } else {
    i++;
  }
  $2[line * p1 + start + k] = $0[source];
  $3[line * p1 + start + k] = $1[source];
}`,
}

export const mergeRuns = (from: Sorted, into: Sorted, lines: number, length: number, run: number): Dispatch => ({
  shader: merge,
  operands: [from.words, from.places, into.words, into.places],
  params: [lines, length, run],
  groups: Math.ceil((lines * Math.ceil(length / share)) / threads),
})
