import { concatAll, type Monoid } from './fp.js'
import { GradientTransformation, type TransformationState } from './transformation.js'

type Links = readonly GradientTransformation[]

const known = new WeakMap<GradientTransformation, Links>()

const fromLinks = (transformations: Links): GradientTransformation => {
  const all = new GradientTransformation(
    'chain',
    { transformations },
    {
      init: (params) => transformations.map((link) => link.init(params)),
      update: (updates, state: readonly TransformationState[], params, extra) => {
        let current = updates
        const states = transformations.map((link, i) => {
          const [next, linkState] = link.update(current, state[i], params, extra)
          current = next
          return linkState
        })
        return [current, states]
      },
    },
  )
  known.set(all, transformations)
  return all
}

const linksOf = (link: GradientTransformation): Links => known.get(link) ?? [link]

const monoid: Monoid<GradientTransformation> = {
  concat: (first, second) => fromLinks([...linksOf(first), ...linksOf(second)]),
  empty: fromLinks([]),
}

/**
 * Transformations one after the other, each of them on the updates of the one before. The state is an array, one
 * entry per link; a chain in a chain counts as its links. Laws: `chain()` changes nothing, and
 * `chain(chain(a, b), c)` equals `chain(a, chain(b, c))`.
 */
export const chain = (...transformations: readonly GradientTransformation[]): GradientTransformation =>
  concatAll(monoid)(transformations)
