import { Pytree, RngState, type Variable } from '@linum/graph'
import { ArrayOps } from '@linum/tensor'
import { evalShape } from '@linum/transforms'
import { type CallInfo, recordCalls } from './record.js'
import { collectNodes, type NodeInfo } from './sizes.js'
import { type Column, drawTable } from './table.js'
import { addSizes, formatSize, formatTree, formatType, noSize } from './text.js'

export interface TabulateOptions {
  /** How long a path may be, the name of a method included; any by default. */
  readonly depth?: number | null
  /** The method to call, `forward` by default. */
  readonly method?: string
  /** Which calls to list; all by default. */
  readonly rowFilter?: (call: CallInfo) => boolean
  /** A column of the operations that a call takes. */
  readonly computeFlops?: boolean
  /** A column of the operations of a call and its backward pass. */
  readonly computeVjpFlops?: boolean
}

const describeVariable = ({ raw, metadata }: Variable<unknown>): unknown => {
  const type = raw instanceof ArrayOps ? formatType(raw) : ''
  return Object.keys(metadata).length === 0 ? type : { ...metadata, value: type }
}

/** What one object holds of one kind of Variable: its own by name, then the size of all of it. */
const variablesCell = ({ variables, sizes }: NodeInfo, kind: string): string => {
  const own = (variables.get(kind) ?? []).map(([name, variable]) => [name, describeVariable(variable)] as const)
  // Random state is listed by its size alone: its names say nothing.
  const shown = formatTree(Object.fromEntries(kind === RngState.name ? [] : own.filter(([, text]) => text !== '')))
  const size = sizes.get(kind)
  return [...(shown === '' ? [] : [shown, '']), size === undefined ? '' : formatSize(size)].join('\n')
}

const columnsOf = (
  calls: readonly CallInfo[],
  { sizes }: NodeInfo,
  { computeFlops = false, computeVjpFlops = false }: TabulateOptions,
): readonly Column[] => {
  const column = (header: string, cell: (call: CallInfo) => string): Column => ({
    header,
    cells: calls.map(cell),
    footer: '',
  })
  const about = [
    column('path', ({ path }) => path.join('/')),
    column('type', ({ type }) => type),
    column('inputs', ({ inputs }) => inputs),
    column('outputs', ({ outputs }) => outputs),
    ...(computeFlops ? [column('flops', ({ flops }) => String(flops))] : []),
    ...(computeVjpFlops ? [column('vjp_flops', ({ vjpFlops }) => String(vjpFlops))] : []),
  ]
  return [
    ...about.slice(0, -1),
    { ...about.at(-1)!, footer: 'Total', footerRight: true },
    ...[...sizes.keys()].sort().map((kind): Column => ({
      ...column(kind, ({ node }) => variablesCell(node, kind)),
      footer: formatSize(sizes.get(kind)!),
    })),
  ]
}

/**
 * A table of what happens in one call of a model with these arguments: a row per call of a layer by another object, in the
 * order in which they begin, with types of inputs and outputs, and what the layer holds by kind of Variable. Calls of one
 * layer with inputs of equal types are one row. Nothing is computed and the model stays as it is. Throws TypeError
 * where the model has no such method.
 */
export const tabulate = (model: object, args: readonly unknown[], options: TabulateOptions = {}): string => {
  const { method = 'forward', depth = null, rowFilter = () => true } = options
  if (!(model instanceof Pytree))
    throw new TypeError(
      `tabulate: expected a Module or another node of a graph, got ${model === null ? 'null' : typeof model}`,
    )
  if (typeof (model as unknown as Readonly<Record<string, unknown>>)[method] !== 'function')
    throw new TypeError(
      `tabulate: ${model.constructor.name} must have the method that is called, got '${method}'; pass { method }`,
    )
  if (!Array.isArray(args))
    throw new TypeError(
      `tabulate: the arguments of the call must be an array, got ${typeof args}; pass tabulate(model, [x])`,
    )
  const { computeFlops = false, computeVjpFlops = false } = options
  let calls: readonly CallInfo[] = []
  let root: NodeInfo | undefined
  const call = (node: object, ...rest: readonly unknown[]): null => {
    const nodes = collectNodes(node)
    root = nodes.get(node)
    calls = recordCalls(nodes, { computeFlops, computeVjpFlops }, () =>
      (node as Readonly<Record<string, (...xs: readonly unknown[]) => unknown>>)[method]!(...rest),
    )
    return null
  }
  evalShape(call, model, ...args)
  const rows = calls.filter((row) => (depth === null || row.path.length <= depth) && rowFilter(row))
  const total = [...root!.sizes.values()].reduce(addSizes, noSize)
  return drawTable(
    `${model.constructor.name} Summary`,
    columnsOf(rows, root!, options),
    `Total Parameters: ${formatSize(total)}`,
  )
}
