import { GradientTransformation, type TransformationState } from '../transformation.js'

/**
 * Transformations one after the other, as in `chain`, whose states are found under their names: `namedChain(['clip',
 * clip(1)], ['adam', adam(1e-3)])`. Throws TypeError for a name that occurs twice.
 */
export const namedChain = (
  ...links: readonly (readonly [name: string, link: GradientTransformation])[]
): GradientTransformation => {
  const names = links.map(([name]) => name)
  if (new Set(names).size !== names.length)
    throw new TypeError(
      `namedChain: Named transformations must have unique names, but got ${names.join(', ')}; rename one`,
    )
  return new GradientTransformation(
    'namedChain',
    { links: links.map((link) => [...link]) },
    {
      init: (params) => Object.fromEntries(links.map(([name, link]) => [name, link.init(params)])),
      update: (updates, state: Readonly<Record<string, TransformationState>>, params, extra) => {
        let current = updates
        const states = links.map(([name, link]) => {
          const [next, linkState] = link.update(current, state[name], params, extra)
          current = next
          return [name, linkState] as const
        })
        return [current, Object.fromEntries(states)]
      },
    },
  )
}
