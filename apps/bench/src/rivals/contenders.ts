import { fileURLToPath } from 'node:url'
import type { Command } from './runner.js'

/** A library of the comparison and the process that runs it. */
export interface Contender extends Command {
  readonly name: string
}

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

const linum = (name: string, device: string, threads?: number): Contender => ({
  name,
  command: process.execPath,
  args: [path('./linum/main.js'), '--device', device, ...(threads === undefined ? [] : ['--threads', String(threads)])],
})

const rival = (name: string): Contender => ({
  name,
  command: process.execPath,
  args: [path(`../../rivals/${name}/main.mjs`)],
})

const pythonic = (python: string, name: string, module: string): Contender => ({
  name,
  command: python,
  args: [path('../../python/rivals/main.py'), module],
  env: { JAX_PLATFORMS: 'cpu', PYTHONDONTWRITEBYTECODE: '1' },
})

/** The libraries, linum first: the others are measured against the first. */
export const contenders = (device: string, python: string): readonly Contender[] => [
  ...(device === 'wasm'
    ? [linum('linum, 2 threads', device, 2), linum('linum, 1 thread', device, 1)]
    : [linum(`linum, ${device}`, device)]),
  rival('jax-js'),
  rival('tfjs'),
  pythonic(python, 'JAX', 'jax'),
  pythonic(python, 'Flax NNX', 'nnx'),
  pythonic(python, 'PyTorch', 'torch'),
]
