import type { PathKey } from '@linum/filters'
import type { GraphDef } from '../graphdef.js'
import type { Drawing, Entry } from './drawing.js'
import { formatMetadata, formatValue } from './summary.js'

/** A GraphDef as the graph that it describes: classes, static values, and the places of leaves and shared objects. */
export const drawGraphDef = (graphdef: GraphDef): Drawing => {
  let node = 0
  let attribute = 0
  const first = new Map<number, string>()
  const below = (parent: string, k: PathKey): string => (parent === '' ? String(k) : `${parent}/${k}`)
  const blank = { text: '', metadata: '', tensor: null, children: [] } as const

  const visit = (k: PathKey | null, at: string): Entry => {
    const def = graphdef.nodes[node++]!
    switch (def.kind) {
      case 'ref':
        return { ...blank, key: k, path: at, kind: 'shared', type: '', text: `shared, see ${first.get(def.index)}` }
      case 'leaf':
        return { ...blank, key: k, path: at, kind: 'value', type: 'Tensor' }
      case 'variable': {
        first.set(def.index, at)
        return {
          ...blank,
          key: k,
          path: at,
          kind: 'variable',
          type: def.type.name,
          metadata: formatMetadata(def.metadata),
        }
      }
      case 'node': {
        if (def.index !== null) first.set(def.index, at === '' ? 'the root' : at)
        const children = def.keys.map((name): Entry => {
          const a = graphdef.attributes[attribute++]!
          const place = below(at, name)
          if (a.kind === 'node') return visit(name, place)
          return a.kind === 'leaf'
            ? { ...blank, key: name, path: place, kind: 'value', type: 'Tensor' }
            : { ...blank, key: name, path: place, kind: 'value', type: '', text: formatValue(a.value) }
        })
        return { ...blank, key: k, path: at, kind: 'node', type: def.type.name, children }
      }
    }
  }

  const { numLeaves } = graphdef
  const root: Entry = {
    ...blank,
    key: null,
    path: '',
    kind: 'node',
    type: 'GraphDef',
    text: `${numLeaves} ${numLeaves === 1 ? 'leaf' : 'leaves'}`,
    children: [visit(null, '')],
  }
  return { root, counts: new Map() }
}
