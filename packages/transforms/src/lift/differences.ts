import { formatPath, type Path } from '@linum/filters'
import { type Attribute, type Definition, type GraphDef, staticEqual } from '@linum/graph'

/** What stands at a path of a graph. */
interface Place {
  readonly path: Path
  readonly text: string
  readonly value?: unknown
}

const originOf = (outerIndex: number | null): string => (outerIndex === null ? ', new' : '')

/** Everything that a graph holds with its path. Objects of the arguments are known by their number. */
const placesOf = ({ nodes, attributes }: GraphDef, show: (path: Path) => string): readonly Place[] => {
  const places: Place[] = []
  const paths = new Map<number, Path>()
  let [node, attribute] = [0, 0]
  const visit = (path: Path): void => {
    const def = nodes[node++] as Definition
    if (def.kind === 'leaf') places.push({ path, text: 'Tensor' })
    else if (def.kind === 'ref') places.push({ path, text: `the same object as ${show(paths.get(def.index) ?? [])}` })
    else {
      if (def.index !== null) paths.set(def.index, path)
      places.push({
        path,
        text: `${def.type.name}${def.index === null ? '' : originOf(def.outerIndex)}`,
        value: def.index === null ? def.metadata : [def.outerIndex, def.metadata],
      })
      if (def.kind === 'variable') return
      for (const key of def.keys) {
        const a = attributes[attribute++] as Attribute
        const below = [...path, key]
        if (a.kind === 'node') visit(below)
        else if (a.kind === 'leaf') places.push({ path: below, text: 'Tensor' })
        else places.push({ path: below, text: showStatic(a.value), value: a.value })
      }
    }
  }
  visit([])
  return places
}

const showStatic = (x: unknown): string => {
  if (typeof x === 'string') return `'${x}'`
  if (typeof x === 'function') return `function ${x.name || 'anonymous'}`
  return typeof x === 'object' && x !== null ? (x.constructor?.name ?? 'object') : String(x)
}

const sameValue = (a: unknown, b: unknown): boolean =>
  Array.isArray(a) && Array.isArray(b) ? a.every((x, i) => sameValue(x, b[i])) : staticEqual(a, b)

const maxLines = 8

/**
 * A table of the paths at which two graphs differ, one line each; empty where they are equal. `names` says whose each
 * side is.
 */
export const differences = (
  a: GraphDef,
  b: GraphDef,
  names: readonly [string, string],
  show: (path: Path) => string = formatPath,
): string => {
  const [left, right] = [a, b].map((g) => new Map(placesOf(g, show).map((p) => [JSON.stringify(p.path), p])))
  const lines = [...new Set([...left!.keys(), ...right!.keys()])].flatMap((key) => {
    const [x, y] = [left!.get(key), right!.get(key)]
    if (x !== undefined && y !== undefined && x.text === y.text && sameValue(x.value, y.value)) return []
    const [was, is] = [x?.text ?? 'nothing', y?.text ?? 'nothing']
    return [
      `  ${show((x ?? y)!.path) || 'the value itself'}: ${was} ${names[0]}, ${was === is ? `another ${is}` : is} ${names[1]}`,
    ]
  })
  return [
    ...lines.slice(0, maxLines),
    ...(lines.length > maxLines ? [`  and ${lines.length - maxLines} more`] : []),
  ].join('\n')
}
