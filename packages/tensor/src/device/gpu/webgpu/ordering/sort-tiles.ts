import type { Shader } from '../shader.js'
import { elementText } from './lines.js'
import type { Spelling } from './spelling.js'

/** Elements that a workgroup sorts in its memory. */
export const tileLength = 1024
const threads = 256

/**
 * Sorts tiles: each holds as many slots as fit, each slot a line or, of a longer line, a tile's worth of it. Operands:
 * the keys; with `ordered`, the elements of each line in the order to start from; then, for `results` null, the sorted
 * words and the elements that they come from, line by line; else that many inputs and as many outputs, sorted.
 * Parameters: the lines, their length and inner extent, the elements of a line's slots, those of one slot.
 */
export const sortTiles = (spelling: Spelling, ordered: boolean, results: number | null): Shader => {
  const first = ordered ? 2 : 1
  const element = (i: string): string => elementText('line', i, 'p1', 'p2')
  const write =
    results === null
      ? [`$${first}[line * p1 + i] = words[e];`, `$${first + 1}[line * p1 + i] = u32(places[e]);`]
      : [
          `let source = ${element('places[e]')};`,
          `let into = ${element('i')};`,
          ...Array.from({ length: results }, (_, k) => `$${first + results + k}[into] = $${first + k}[source];`),
        ]
  const reads = first + (results ?? 0)
  return {
    operands: Array.from({ length: reads + (results ?? 2) }, (_, k) => (k < reads ? 'read' : 'write')),
    threads,
    params: 5,
    declarations: [
      `var<workgroup> words: array<u32, ${tileLength}>;`,
      `var<workgroup> places: array<i32, ${tileLength}>;`,
      ...spelling.declarations,
    ],
    body: `let tile = group * ${tileLength};
if (tile >= p0 * p3) { return; }
for (var e = lane; e < ${tileLength}; e += ${threads}) {
  let line = (tile + e) / p3;
  let i = (tile + e) % p3;
  var word = 0xffffffffu;
  var place = 0;
  if (line < p0 && i < p1) {
    place = ${ordered ? 'i32($1[line * p1 + i])' : 'i'};
    word = ${spelling.word(`$0[${element('place')}]`)};
  }
  words[e] = word;
  places[e] = place;
}
workgroupBarrier();
var word: array<u32, ${tileLength / threads}>;
var place: array<i32, ${tileLength / threads}>;
var to: array<i32, ${tileLength / threads}>;
for (var run = 1; run < p4; run *= 2) {
  for (var k = 0; k < ${tileLength / threads}; k++) {
    let e = lane + k * ${threads};
    let own = words[e];
    let second = (e & run) != 0;
    let other = (e ^ run) & ~(run - 1);
    var low = 0;
    var high = run;
    while (low < high) {
      let middle = (low + high) / 2;
      let w = words[other + middle];
      if (w < own || (second && w == own)) { low = middle + 1; } else { high = middle; }
    }
    word[k] = own;
    place[k] = places[e];
    to[k] = (e & ~(2 * run - 1)) + (e & (run - 1)) + low;
  }
  workgroupBarrier();
  for (var k = 0; k < ${tileLength / threads}; k++) {
    words[to[k]] = word[k];
    places[to[k]] = place[k];
  }
  workgroupBarrier();
}
for (var e = lane; e < ${tileLength}; e += ${threads}) {
  let line = (tile + e) / p3;
  let i = (tile + e) % p3;
  if (line < p0 && i < p1) {
    ${write.join('\n    ')}
  }
}`,
  }
}
