import { formatPath, type Path, type PathKey } from '@linum/filters'
import { ArrayOps, type Tensor } from '@linum/tensor'
import { isNodeKind, kindOf, sortedKeys } from '../kinds.js'
import { isState } from '../state/state.js'
import { Variable } from '../variable/variable.js'
import { VariableState } from '../variable/variable-state.js'
import { type Count, countOf, formatMetadata, formatValue } from './summary.js'

/** One line of a drawing and what hangs below it. */
export interface Entry {
  /** The attribute's name; null for what `display` was given. */
  readonly key: PathKey | null
  readonly path: string
  /** A class with attributes, a Variable, a bare array or static value, or an object drawn before. */
  readonly kind: 'node' | 'variable' | 'value' | 'shared'
  /** The class, where it says something. */
  readonly type: string
  /** What stands behind the class: a value in short, where the object stands first. */
  readonly text: string
  readonly metadata: string
  /** The array to picture. */
  readonly tensor: Tensor | null
  readonly children: readonly Entry[]
}

/** A value as it is drawn, and the elements of each type of Variable in it. */
export interface Drawing {
  readonly root: Entry
  readonly counts: ReadonlyMap<string, Count>
}

class Drawer {
  readonly seen = new Map<unknown, string>()
  readonly open = new Set<unknown>()
  readonly counts = new Map<string, Count>()

  count(x: Variable<unknown> | VariableState<unknown>): void {
    const { elements, bytes } = countOf(x instanceof Variable ? x.raw : x.value)
    const old = this.counts.get(x.type.name) ?? { elements: 0, bytes: 0 }
    this.counts.set(x.type.name, { elements: old.elements + elements, bytes: old.bytes + bytes })
  }

  draw(value: unknown, key: PathKey | null, path: Path): Entry {
    const place = formatPath(path)
    const entry = (kind: Entry['kind'], type: string, rest: Partial<Entry> = {}): Entry => ({
      key,
      path: place,
      kind,
      type,
      text: '',
      metadata: '',
      tensor: null,
      children: [],
      ...rest,
    })
    if (value instanceof VariableState) return this.#variable(value, value.value, entry)
    const kind = kindOf(value)
    if (kind.role === 'leaf' || kind.role === 'static')
      return entry('value', '', { text: formatValue(value), tensor: tensorOf(value) })
    if (kind.role === 'pytree') {
      if (this.open.has(value)) return entry('shared', '', { text: 'contains itself' })
      return entry('node', isState(value) ? 'State' : kind.type.name, {
        children: this.#children(value as object, path),
      })
    }
    const before = this.seen.get(value)
    if (before !== undefined) return entry('shared', kind.type.name, { text: `shared, see ${before}` })
    this.seen.set(value, path.length === 0 ? 'the root' : place)
    return value instanceof Variable
      ? this.#variable(value, value.raw, entry)
      : entry('node', kind.type.name, { children: this.#children(value as object, path) })
  }

  #variable(
    x: Variable<unknown> | VariableState<unknown>,
    stored: unknown,
    entry: (kind: 'variable', type: string, rest: Partial<Entry>) => Entry,
  ): Entry {
    this.count(x)
    return entry('variable', x.type.name, {
      text: formatValue(stored),
      metadata: formatMetadata(x.metadata),
      tensor: tensorOf(stored),
    })
  }

  #children(value: object, path: Path): Entry[] {
    const kind = kindOf(value)
    if (!isNodeKind(kind)) return []
    this.open.add(value)
    const children = sortedKeys(kind, value).map((key) => this.draw(kind.access.get(value, key), key, [...path, key]))
    this.open.delete(value)
    return children
  }
}

const tensorOf = (x: unknown): Tensor | null => (x instanceof ArrayOps ? x.asTensor() : null)

/** Takes a graph, a State or any value apart for drawing; what is reached twice refers to where it stands first. */
export const draw = (value: unknown): Drawing => {
  const drawer = new Drawer()
  return { root: drawer.draw(value, null, []), counts: drawer.counts }
}

/** Whether a value is drawn as a tree rather than printed. */
export const isDrawn = (value: unknown): boolean =>
  kindOf(value).role !== 'static' && !(value instanceof ArrayOps && kindOf(value).role === 'leaf')
