import { type Labels, labelsOf } from '../mask.js'
import { GradientTransformation, type TransformationState } from '../transformation.js'
import { initMasked, updateMasked } from '../transformations/masked.js'

interface PartitionState {
  readonly innerStates: Readonly<Record<string, { readonly innerState: TransformationState }>>
}

/**
 * A transformation for each label: every leaf goes to the one that its label names, and has state there alone. Throws
 * TypeError for a label without transformation, StateError for labels that do not fit the tree.
 */
export const partition = (
  transforms: Readonly<Record<string, GradientTransformation>>,
  paramLabels: Labels,
): GradientTransformation => {
  const groups = Object.entries(transforms)
  const labelled = (t: unknown): readonly string[] => {
    const labels = labelsOf(paramLabels, t)
    const unknown = [...new Set(labels)].filter((label) => !Object.hasOwn(transforms, label))
    if (unknown.length > 0)
      throw new TypeError(
        `partition: Some parameters have no corresponding transformation, got labels ${unknown.sort().join(', ')} for transformations ${Object.keys(transforms).sort().join(', ')}; add these or change the labels`,
      )
    return labels
  }
  const membersOf = (labels: readonly string[], group: string): readonly boolean[] =>
    labels.map((label) => label === group)
  return new GradientTransformation(
    'partition',
    { transforms: { ...transforms }, paramLabels },
    {
      init: (params) => {
        const labels = labelled(params)
        return {
          innerStates: Object.fromEntries(
            groups.map(([group, tx]) => [group, initMasked(tx, membersOf(labels, group), params)]),
          ),
        }
      },
      update: (updates, { innerStates }: PartitionState, params, extra) => {
        const labels = labelled(updates)
        let current = updates
        const next = groups.map(([group, tx]) => {
          const [changed, state] = updateMasked(
            tx,
            membersOf(labels, group),
            current,
            innerStates[group]!,
            params,
            extra,
          )
          current = changed
          return [group, state] as const
        })
        return [current, { innerStates: Object.fromEntries(next) }]
      },
    },
  )
}

/** Optax's other name of `partition`. */
export const multiTransform: typeof partition = partition
