import { formatPath, type Path } from '@linum/filters'
import { ArrayOps } from '@linum/tensor'
import { isNodeKind, kindOf, sortedKeys } from '../kinds.js'
import { isState } from '../state/state.js'
import { Variable } from '../variable/variable.js'
import { VariableState } from '../variable/variable-state.js'
import { type Count, countOf, formatBytes, formatValue, formatVariable } from './summary.js'

class Renderer {
  readonly lines: string[] = []
  readonly seen = new Map<unknown, string>()
  readonly open = new Set<unknown>()
  readonly counts = new Map<string, Count>()

  count(x: Variable<unknown> | VariableState<unknown>): void {
    const { elements, bytes } = countOf(x instanceof Variable ? x.raw : x.value)
    const old = this.counts.get(x.type.name) ?? { elements: 0, bytes: 0 }
    this.counts.set(x.type.name, { elements: old.elements + elements, bytes: old.bytes + bytes })
  }

  /** One value: `label` before it on its line, `indent` before the lines of its attributes. */
  render(value: unknown, label: string, indent: string, path: Path): void {
    const kind = kindOf(value)
    const text = this.text(value, path)
    this.lines.push(`${label}${text.line}`)
    if (!text.descend || !isNodeKind(kind)) return
    this.open.add(value)
    const keys = sortedKeys(kind, value as object)
    keys.forEach((key, i) => {
      const last = i === keys.length - 1
      this.render(
        kind.access.get(value as object, key),
        `${indent}${last ? '└─ ' : '├─ '}${key}: `,
        `${indent}${last ? '   ' : '│  '}`,
        [...path, key],
      )
    })
    this.open.delete(value)
  }

  text(value: unknown, path: Path): { readonly line: string; readonly descend: boolean } {
    const kind = kindOf(value)
    if (value instanceof VariableState) {
      this.count(value)
      return { line: formatVariable(value), descend: false }
    }
    if (kind.role === 'leaf' || kind.role === 'static') return { line: formatValue(value), descend: false }
    if (kind.role === 'pytree') {
      if (this.open.has(value)) return { line: `(contains itself)`, descend: false }
      return { line: isState(value) ? 'State' : kind.type.name, descend: true }
    }
    const before = this.seen.get(value)
    if (before !== undefined) return { line: `${kind.type.name} (shared, see ${before})`, descend: false }
    this.seen.set(value, path.length === 0 ? 'the root' : formatPath(path))
    if (!(value instanceof Variable)) return { line: kind.type.name, descend: true }
    this.count(value)
    return { line: formatVariable(value), descend: false }
  }
}

const header = (counts: ReadonlyMap<string, Count>): string =>
  [...counts]
    .map(([type, { elements, bytes }]) => `${type}: ${elements.toLocaleString('en-US')} (${formatBytes(bytes)})`)
    .join(', ')

/**
 * A graph or State as text: class, attributes in order, Variables with dtype, shape and statistics; what is reached
 * twice refers to where it stands first. The first line counts the elements per type of Variable.
 */
export const renderTree = (value: unknown): string => {
  const renderer = new Renderer()
  renderer.render(value, '', '', [])
  const total = header(renderer.counts)
  if (total !== '' && renderer.lines.length > 1) renderer.lines[0] = `${renderer.lines[0]} # ${total}`
  return renderer.lines.join('\n')
}

/** Whether a value is drawn as a tree rather than printed. */
export const isDrawn = (value: unknown): boolean =>
  kindOf(value).role !== 'static' && !(value instanceof ArrayOps && kindOf(value).role === 'leaf')
