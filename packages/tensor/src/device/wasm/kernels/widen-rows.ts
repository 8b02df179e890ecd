import { dtypeBytes } from '../../../core/dtype.js'
import { stridesOf } from '../../../core/shape.js'
import { mapIndices } from '../../../kernel/collapse.js'
import type { Step } from '../../../program/schedule.js'
import { rowScratch } from '../scratch.js'

export type ClusterStep = Extract<Step, { kind: 'cluster' }>
type Member = ClusterStep['members'][number]

/** Elements of a row from which on it is long enough for vectors, and the fewest rows that are left for threads. */
const longEnough = 32
const fewestRows = 4

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

/** Elements of a member's result at one point of the first `axes` axes. */
export const rowLength = (m: Member, axes: number): number => product(m.kernel.grid.slice(axes))

/** Bytes of a row, apart from the next one. */
export const rowBytes = (m: Member, axes: number): number =>
  Math.ceil((rowLength(m, axes) * dtypeBytes(m.kernel.outputs[0]!.dtype) + 64) / 64) * 64

/**
 * The same cluster with fewer shared loops, where rows are too short for vectors: what members hand on to each other
 * are longer rows then.
 */
export const widenRows = (step: ClusterStep): ClusterStep => {
  const { prefix, members } = step
  const locals = members.filter((m) => m.local)
  let axes = prefix.length
  const fits = (kept: number): boolean =>
    product(prefix.slice(0, kept)) >= fewestRows &&
    locals.reduce((n, m) => n + rowBytes(m, kept), 0) <= rowScratch.bytes
  while (axes > 1 && members.every((m) => rowLength(m, axes) < longEnough) && fits(axes - 1)) axes--
  if (axes === prefix.length) return step
  const lengths = new Map(locals.map((m) => [m.writes, rowLength(m, prefix.length)]))
  const strides = stridesOf(prefix.slice(axes))
  const widened = members.map((m): Member => {
    const kernel = mapIndices(
      m.kernel,
      (x) => x,
      (load, at) => {
        const length = lengths.get(m.reads[load.input]!)
        if (length === undefined) return at
        const places = strides.map((stride, k) => ({
          atom: { kind: 'axis' as const, axis: axes + k },
          factor: stride * length,
        }))
        return { offset: at.offset, terms: [...at.terms, ...places] }
      },
    )
    return { ...m, kernel }
  })
  return { ...step, prefix: prefix.slice(0, axes), members: widened }
}
