import { mapIndices } from '../../../kernel/collapse.js'
import type { PlacedKernel } from '../../../kernel/expand-cluster.js'
import type { AddSlot, FlatSlot, FlatStep } from './flatten.js'
import { formOf } from './source.js'

/** Kernels that read more textures than a program may are given some of their inputs behind each other in one. */
export const packInputs = (
  { kernel, inputs, outputs }: PlacedKernel,
  slots: readonly FlatSlot[],
  add: AddSlot,
  most: number,
): readonly FlatStep[] => {
  const distinct = [...new Set(inputs)]
  if (distinct.length <= most) return [{ kind: 'kernel', kernel, inputs, outputs }]
  const steps: FlatStep[] = []
  /** Where an input lies now. */
  const placeOf = new Map<number, { readonly slot: number; readonly offset: number }>()
  // The elements of one texture have one form; a dtype of its own keeps the text of the kernel's loads.
  for (const form of ['single', 'pair'] as const) {
    const group = distinct.filter((id) => formOf(slots[id]!.dtype) === form)
    if (group.length < 2) continue
    const total = group.reduce((n, id) => n + slots[id]!.length, 0)
    const slot = add(form === 'pair' ? 'int32' : 'float32', total)
    let offset = 0
    for (const id of group) {
      placeOf.set(id, { slot, offset })
      offset += slots[id]!.length
    }
    steps.push({ kind: 'pack', inputs: group, outputs: [slot] })
  }
  const moved = mapIndices(
    kernel,
    (x) => x,
    (load, at) => ({ ...at, offset: at.offset + (placeOf.get(inputs[load.input]!)?.offset ?? 0) }),
  )
  steps.push({ kind: 'kernel', kernel: moved, inputs: inputs.map((id) => placeOf.get(id)?.slot ?? id), outputs })
  return steps
}
