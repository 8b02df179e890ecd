import { isGraphNode, iterGraph, RngState, Variable } from '@linum/graph'
import { ArrayOps, type DType, finfo, iinfo } from '@linum/tensor'
import { isFloat } from '@linum/tensor/core'
import { addSizes, noSize, type Size } from './text.js'

type Path = readonly (string | number)[]

/** One object of a graph, at the first path that leads to it. */
export interface NodeInfo {
  readonly path: Path
  /** By name of the kind of Variable: the size of those of it and below. */
  readonly sizes: Map<string, Size>
  /** By name of the kind of Variable: its own. */
  readonly variables: Map<string, (readonly [name: string, variable: Variable<unknown>])[]>
}

const bytesOf = (dtype: DType): number => {
  if (dtype === 'key') return 8
  if (dtype === 'bool') return 1
  return (isFloat(dtype) ? finfo(dtype) : iinfo(dtype)).bits / 8
}

const sizeOfVariable = ({ raw }: Variable<unknown>): Size =>
  raw instanceof ArrayOps ? { elements: raw.size, bytes: raw.size * bytesOf(raw.dtype) } : noSize

/** The kind by which a Variable is listed: random state is one. */
const kindOf = (variable: Variable<unknown>): string => (variable instanceof RngState ? 'RngState' : variable.type.name)

const id = (path: Path): string => JSON.stringify(path)

/** The objects of a graph, and what each holds. What is shared counts where it is found first. */
export const collectNodes = (root: object): ReadonlyMap<object, NodeInfo> => {
  const nodes = new Map<object, NodeInfo>()
  const visits = [...iterGraph(root)]
  for (const [path, value] of visits)
    if (isGraphNode(value)) nodes.set(value as object, { path, sizes: new Map(), variables: new Map() })
  const byPath = new Map([...nodes.values()].map((info) => [id(info.path), info]))
  for (const [path, value] of visits) {
    if (!(value instanceof Variable)) continue
    const kind = kindOf(value)
    const own = byPath.get(id(path.slice(0, -1)))
    own?.variables.set(kind, [...(own.variables.get(kind) ?? []), [String(path.at(-1)), value]])
    for (let depth = path.length - 1; depth >= 0; depth--) {
      const sizes = byPath.get(id(path.slice(0, depth)))?.sizes
      sizes?.set(kind, addSizes(sizes.get(kind) ?? noSize, sizeOfVariable(value)))
    }
  }
  return nodes
}
