import type { Shader } from './shader.js'

/** Where an operand lies: in which binding. Several may share one, as all that lie in the workspace do. */
export interface Binding {
  readonly access: 'read' | 'write'
}

/**
 * The text of a module whose function is `main`. Binding 0 has a vec4<i32> array: the offset of each operand in its
 * binding, in words, then the runtime parameters. Bindings from 1 on are `bindings`; `places` tells the one of each
 * operand. With `loops`, offsets move along with the counters of the loops around: after the offsets come, per loop,
 * each operand's step, and the counters are the bindings after the buffers.
 */
export const assemble = (
  shader: Shader,
  bindings: readonly Binding[],
  places: readonly number[],
  loops: number,
): string => {
  const { operands, threads, params, width = 1, declarations, body } = shader
  const element = width === 1 ? 'u32' : 'vec4<u32>'
  const word = (k: number): string => `P[${k >> 2}].${'xyzw'[k & 3]!}`
  const n = operands.length
  const words = parameterWords(shader, loops)
  const offset = (k: number): string => {
    const moving = Array.from({ length: loops }, (_, d) => ` + ${word((d + 1) * n + k)} * i32(loop${d}.x)`).join('')
    return width === 1 ? `${word(k)}${moving}` : `(${word(k)}${moving}) / 4`
  }
  return [
    `@group(0) @binding(0) var<uniform> P: array<vec4<i32>, ${Math.max(1, Math.ceil(words / 4))}>;`,
    ...bindings.map(
      ({ access }, b) =>
        `@group(0) @binding(${b + 1}) var<storage, ${access === 'read' ? 'read' : 'read_write'}> b${b}: array<${element}>;`,
    ),
    ...Array.from(
      { length: loops },
      (_, d) => `@group(0) @binding(${bindings.length + 1 + d}) var<uniform> loop${d}: vec4<u32>;`,
    ),
    ...new Set(declarations),
    `@compute @workgroup_size(${threads}) fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) at: vec3<u32>, @builtin(num_workgroups) many: vec3<u32>) {`,
    'let lane = i32(local);',
    'let group = i32(at.x + at.y * many.x);',
    ...operands.map((_, k) => `let o${k} = ${offset(k)};`),
    ...Array.from({ length: params }, (_, k) => `let p${k} = ${word((loops + 1) * n + k)};`),
    body.replace(/\$(\d+)\[/g, (_, k: string) => `b${places[Number(k)]!}[o${k} + `),
    '}',
  ].join('\n')
}

/** Words of binding 0. */
export const parameterWords = ({ operands, params }: Shader, loops: number): number =>
  (loops + 1) * operands.length + params
