import { flatState, type Module } from '@linum/graph'
import * as nn from '@linum/nn'
import type { Tensor } from '@linum/tensor'
import { decode, type Encoded } from './fixture.js'

/** The leaves of a State by their paths, as tensors. */
export const byPath = (s: object): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(flatState<{ asTensor(): Tensor }>(s).map(([path, leaf]) => [path.join('/'), leaf.asTensor()]))

/** Values by path as nested plain objects, as `update` takes them. */
export const nested = (values: Readonly<Record<string, Encoded>>): object => {
  const root: Record<string, unknown> = {}
  for (const [path, value] of Object.entries(values)) {
    const keys = path.split('/')
    let level = root
    for (const key of keys.slice(0, -1)) level = (level[key] ??= {}) as Record<string, unknown>
    level[keys.at(-1)!] = decode(value)
  }
  return root
}

/** A function or class of the library by its name. */
export const lookUp = <F>(name: string): F => {
  const found = (nn as Readonly<Record<string, unknown>>)[name]
  if (typeof found !== 'function') throw new TypeError(`${name} is not in the library`)
  return found as F
}

/** A layer of any kind, called with anything. */
export type AnyLayer = Module & { forward(...args: readonly unknown[]): unknown }
export type AnyClass = new (...args: readonly unknown[]) => AnyLayer
