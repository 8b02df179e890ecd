import type { Labels } from './einsum-spec.js'

/** Two places in the list of remaining operands, left before right; their product goes to the end of the list. */
export type Step = readonly [left: number, right: number]

type Extents = ReadonlyMap<string, number>

const sizeOf = (labels: Iterable<string>, extents: Extents): number => {
  let n = 1
  for (const l of labels) n *= extents.get(l)!
  return n
}

/** The labels of a product that something still needs. */
export const productLabels = (a: Labels, b: Labels, needed: ReadonlySet<string>): string[] =>
  [...new Set([...a, ...b])].filter((l) => needed.has(l))

const neededBy = (others: readonly Labels[], output: Labels): Set<string> => new Set([...others.flat(), ...output])

/** Tries every order: the least number of multiplications in all. */
const optimal = (
  operands: readonly Labels[],
  output: Labels,
  extents: Extents,
  limit = Infinity,
): { readonly cost: number; readonly steps: readonly Step[] } | null => {
  if (operands.length < 2) return { cost: 0, steps: [] }
  let best: { readonly cost: number; readonly steps: readonly Step[] } | null = null
  let bound = limit
  for (let j = 1; j < operands.length; j++) {
    for (let i = 0; i < j; i++) {
      const [a, b] = [operands[i]!, operands[j]!]
      const cost = sizeOf(new Set([...a, ...b]), extents)
      if (cost >= bound) continue
      const rest = operands.filter((_, k) => k !== i && k !== j)
      const after = optimal([...rest, productLabels(a, b, neededBy(rest, output))], output, extents, bound - cost)
      if (after === null) continue
      best = { cost: cost + after.cost, steps: [[i, j], ...after.steps] }
      bound = best.cost
    }
  }
  return best
}

/** Always the pair whose product saves the most memory, and of equal ones the cheapest. */
const greedy = (operands: readonly Labels[], output: Labels, extents: Extents): readonly Step[] => {
  const steps: Step[] = []
  let list = operands
  while (list.length > 1) {
    let best: { readonly step: Step; readonly key: readonly [number, number] } | null = null
    for (let j = 1; j < list.length; j++) {
      for (let i = 0; i < j; i++) {
        const [a, b] = [list[i]!, list[j]!]
        const rest = list.filter((_, k) => k !== i && k !== j)
        const saved =
          sizeOf(productLabels(a, b, neededBy(rest, output)), extents) - sizeOf(a, extents) - sizeOf(b, extents)
        const key = [saved, sizeOf(new Set([...a, ...b]), extents)] as const
        if (best === null || key[0] < best.key[0] || (key[0] === best.key[0] && key[1] < best.key[1]))
          best = { step: [i, j], key }
      }
    }
    const [i, j] = best!.step
    const rest = list.filter((_, k) => k !== i && k !== j)
    list = [...rest, productLabels(list[i]!, list[j]!, neededBy(rest, output))]
    steps.push(best!.step)
  }
  return steps
}

/** Up to this many operands every order is tried. */
const few = 5

/** The order in which to multiply operands two at a time. */
export const einsumPath = (operands: readonly Labels[], output: Labels, extents: Extents): readonly Step[] =>
  operands.length <= few ? optimal(operands, output, extents)!.steps : greedy(operands, output, extents)
