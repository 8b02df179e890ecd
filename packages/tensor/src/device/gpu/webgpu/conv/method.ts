import type { ConvGeometry } from './geometry.js'
import type { Split, Tile } from './tiled.js'

/** How a convolution is computed: in tiles, or without one result by result. */
export interface Method {
  readonly tile: Tile | null
  readonly split: Split
}

/** What a workgroup may compute; `price` is that of a multiplication next to the largest tile's. */
export const tiles: readonly (Tile & { readonly price: number })[] = [
  { rows: 64, columns: 64, depth: 16, price: 1 },
  { rows: 32, columns: 32, depth: 8, price: 1.6 },
  { rows: 64, columns: 16, depth: 8, price: 2.4 },
]
const directPrice = 4.5
/** As many workgroups, or threads that work alone, as keep a device busy. */
const enough = { groups: 128, threads: 16384 }
const fewestTerms = { tiled: 256, direct: 64 }
const mostSplits = 128

const ceilTo = (n: number, step: number): number => Math.ceil(n / step) * step

/** Splits for `work` independent units where `wanted` keep a device busy. */
const splitOf = (terms: number, work: number, wanted: number, fewest: number, depth: number): Split => {
  const splits = Math.max(1, Math.min(Math.floor(wanted / work), Math.ceil(terms / fewest), mostSplits))
  const chunk = ceilTo(Math.ceil(terms / splits), depth)
  return { splits: Math.ceil(terms / chunk), chunk }
}

/** A function of the shapes alone, as the order of a float sum has to be. */
export const methodOf = ({ plan, rows, allRows, phases, terms }: ConvGeometry): Method => {
  const parts = plan.groups * phases
  const cost = (t: (typeof tiles)[number]): number =>
    t.price * parts * ceilTo(rows, t.rows) * ceilTo(plan.n, t.columns) * ceilTo(terms, t.depth)
  const tile = tiles.reduce((best, t) => (cost(t) < cost(best) ? t : best))
  const results = allRows * plan.groups * plan.n
  if (directPrice * results * terms <= cost(tile))
    return { tile: null, split: splitOf(terms, results, enough.threads, fewestTerms.direct, 1) }
  const groups = parts * Math.ceil(rows / tile.rows) * Math.ceil(plan.n / tile.columns)
  return { tile, split: splitOf(terms, groups, enough.groups, fewestTerms.tiled, tile.depth) }
}
