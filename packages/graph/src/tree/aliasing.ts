import { formatPath, type Path } from '@linum/filters'
import { GraphError } from '@linum/tensor'
import { iterGraph } from '../traverse/iterate.js'
import { Variable } from '../variable/variable.js'

/** A prefix that differs from leaf to leaf: a function, or what has such a method, as StateAxes of transforms has. */
export type PrefixOfLeaf = ((path: Path, leaf: unknown) => unknown) | { axisOf(path: Path, leaf: unknown): unknown }

const prefixOf = (prefix: unknown, path: Path, leaf: unknown): unknown => {
  if (typeof prefix === 'function') return (prefix as (path: Path, leaf: unknown) => unknown)(path, leaf)
  if (typeof prefix === 'object' && prefix !== null && 'axisOf' in prefix)
    return (prefix as { axisOf(path: Path, leaf: unknown): unknown }).axisOf(path, leaf)
  return prefix
}

/** Collects with which prefix each Variable is reached. */
export class AliasingCheck {
  readonly #uses = new Map<Variable<unknown>, { readonly path: Path; readonly prefix: unknown }[]>()

  add(node: object, prefix: unknown): void {
    for (const [path, value] of iterGraph(node)) {
      if (!(value instanceof Variable)) continue
      const uses = this.#uses.get(value) ?? []
      uses.push({ path, prefix: prefixOf(prefix, path, value) })
      this.#uses.set(value, uses)
    }
  }

  /** Throws GraphError with a table of paths where one Variable is reached with different prefixes. */
  check(): void {
    const tables = [...this.#uses].flatMap(([variable, uses]) => {
      if (uses.every((use) => Object.is(use.prefix, uses[0]!.prefix))) return []
      const lines = uses.map(({ path, prefix }) => `  ${formatPath(path) || '<root>'}: ${String(prefix)}`)
      return [`Node: ${variable.type.name}\n${lines.join('\n')}`]
    })
    if (tables.length > 0)
      throw new GraphError(
        `Inconsistent aliasing detected. The following nodes have different prefixes:\n${tables.join('\n')}`,
      )
  }
}
