import type { Shader } from '../shader.js'
import type { Combination } from './combination.js'
import { outside } from './targets.js'
import { windowText } from './window-text.js'

export const threads = 256

/**
 * Combines the target with few updates: a thread takes one element of all windows. Operands: the updates' targets, the
 * updates, the result, in which the operand is. Parameters: the updates, the elements of a window, its axes.
 */
export const applyInOrder = (c: Combination, axes: number): Shader => {
  const each = (body: string): string => `for (var u = 0; u < p0; u++) {
  let start = $0[u];
  if (start != ${outside}) {
    let place = i32(start) + offset;
    ${body}
  }
}`
  const change = `$2[place] = ${c.keep('combined')};`
  return {
    operands: ['read', 'read', 'write'],
    threads,
    params: 2 + 2 * axes,
    declarations: c.declarations,
    body: `let w = group * ${threads} + lane;
if (w >= p1) { return; }
${windowText(axes, 2)}
${each(`let old = ${c.load('$2[place]')};
    let update = ${c.load('$1[u * p1 + w]')};
    let combined = ${c.combine('old', 'update')};
    ${c.rounds ? change : `$2[place] = ${c.store('combined')};`}`)}
${
  c.rounds
    ? each(`let total = ${c.load('$2[place]')};
    $2[place] = ${c.store('total')};`)
    : ''
}`,
  }
}

/**
 * Combines the target with updates in the order of their targets: a thread takes one element of all windows at one
 * place. Operands: the targets in ascending order, the updates that they are of, the updates, the result, in which the
 * operand is. Parameters as of `applyInOrder`.
 */
export const applySorted = (c: Combination, axes: number): Shader => {
  const ahead = 4
  const updateAt = (i: string): string => c.load(`$2[i32($1[${i}]) * p1 + w]`)
  return {
    operands: ['read', 'read', 'read', 'write'],
    threads,
    params: 2 + 2 * axes,
    declarations: c.declarations,
    // Loads that do not wait for each other hide how long each takes.
    body: `let t = group * ${threads} + lane;
var i = t / p1;
let w = t % p1;
if (i >= p0) { return; }
let start = $0[i];
if (start == ${outside}) { return; }
if (i > 0) {
  if ($0[i - 1] == start) { return; }
}
${windowText(axes, 2)}
let place = i32(start) + offset;
var total = ${c.load('$3[place]')};
loop {
  if (i + ${ahead} > p0) { break; }
  if ($0[i + ${ahead - 1}] != start) { break; }
${Array.from({ length: ahead }, (_, k) => `  let update${k} = ${updateAt(`i + ${k}`)};`).join('\n')}
${Array.from({ length: ahead }, (_, k) => `  total = ${c.combine('total', `update${k}`)};`).join('\n')}
  i += ${ahead};
}
loop {
  if (i >= p0) { break; }
  if ($0[i] != start) { break; }
  let update = ${updateAt('i')};
  total = ${c.combine('total', 'update')};
  i++;
}
$3[place] = ${c.store('total')};`,
  }
}

/** As `applySorted`, where the last update of an element is all that is left of it. */
export const setSorted = (axes: number): Shader => ({
  operands: ['read', 'read', 'read', 'write'],
  threads,
  params: 2 + 2 * axes,
  declarations: [],
  body: `let t = group * ${threads} + lane;
let i = t / p1;
let w = t % p1;
if (i >= p0) { return; }
let start = $0[i];
if (start == ${outside}) { return; }
if (i + 1 < p0) {
  if ($0[i + 1] == start) { return; }
}
${windowText(axes, 2)}
$3[i32(start) + offset] = $2[i32($1[i]) * p1 + w];`,
})
