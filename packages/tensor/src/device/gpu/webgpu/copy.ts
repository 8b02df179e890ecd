import type { Shader } from './shader.js'

const threads = 64

/** Copies as many words as its parameter says. */
export const copyShader: Shader = {
  operands: ['read', 'write'],
  threads,
  params: 1,
  declarations: [],
  body: `let i = group * ${threads} + lane;
if (i < p0) { $1[i] = $0[i]; }`,
}

/** Workgroups that copy so many words. */
export const copyGroups = (words: number): number => Math.ceil(words / threads)
