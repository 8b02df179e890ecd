import { readFileSync } from 'node:fs'
import { array, Tensor } from '@linum/tensor'
import { BatchStat, Cache, Dict, flatState, List, Param, Variable, VariableState } from '@linum/graph'
import { Foo, numbers } from './models.js'

export class Scale extends Param {
  declare readonly is: Param['is'] & { readonly Scale: true }
}

/** A graph as the fixtures write it. */
export type Spec = { readonly id?: string; readonly tag?: string } & Readonly<Record<string, unknown>>

/** A leaf as the fixtures write it: path, kind, value. */
export type Leaf = readonly [path: readonly (string | number)[], kind: string, value: unknown]

export type Case = { readonly case: string; readonly name: string } & Readonly<Record<string, never>>

const { cases } = JSON.parse(readFileSync(new URL('./fixtures/graph.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly Case[]
}

/** The cases of one kind. */
export const casesOf = <C = Readonly<Record<string, unknown>>>(kind: string): readonly (C & { name: string })[] =>
  cases.filter((c) => c.case === kind) as never

const variables = { param: Param, stat: BatchStat, cache: Cache, scale: Scale }

const buildKind = (spec: Spec, known: Map<string, unknown>): unknown => {
  const [kind, value] = Object.entries(spec).find(([key]) => key !== 'id' && key !== 'tag')!
  const entries = (): [string, unknown][] =>
    Object.entries(value as Record<string, Spec>).map(([key, child]) => [key, build(child, known)])
  const items = (): unknown[] => (value as readonly Spec[]).map((child) => build(child, known))
  switch (kind) {
    case 'ref':
      return known.get(value as string)
    case 'static':
      return value
    case 'array':
      return array(value as number).astype('float32')
    case 'list':
      return items()
    case 'List':
      return new List(items())
    case 'dict':
      return Object.fromEntries(entries())
    case 'Dict':
      return new Dict(Object.fromEntries(entries()))
    case 'module': {
      const foo = new Foo()
      // A cycle refers to it before its attributes are there.
      if (spec.id !== undefined) known.set(spec.id, foo)
      for (const [key, child] of Object.entries(value as Record<string, Spec>)) foo[key] = build(child, known)
      return foo
    }
    default:
      return new variables[kind as keyof typeof variables](
        array(value as number),
        spec.tag === undefined ? {} : { tag: spec.tag },
      )
  }
}

/** The graph that a fixture describes. */
export const build = (spec: Spec, known: Map<string, unknown> = new Map()): object => {
  const out = buildKind(spec, known)
  if (spec.id !== undefined) known.set(spec.id, out)
  return out as object
}

/** What the fixtures call a value; null for static ones. */
export const kindName = (value: unknown): string | null => {
  if (value instanceof Variable || value instanceof VariableState) return value.type.name
  if (value instanceof Tensor) return 'array'
  if (value instanceof List) return 'List'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Foo) return 'Foo'
  if (value instanceof Dict) return 'Dict'
  return typeof value === 'object' && value !== null ? 'dict' : null
}

/** The numbers of a value, in arrays where it has several. */
export const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  return typeof value === 'number' ? value : numbers(value)
}

/** The leaves of a State as the fixtures write them. */
export const leavesOf = (state: object): readonly Leaf[] =>
  flatState(state).map(([path, leaf]) => [
    path,
    kindName(leaf)!,
    plain(leaf instanceof VariableState ? leaf.value : leaf),
  ])
