import { findClusters, makeCluster, type Member, rowLength } from '../kernel/cluster.js'
import type { Slot, Step } from './schedule.js'

const memberOf = (step: Step): Member | null =>
  step.kind === 'kernel' && step.outputs.length === 1
    ? { kernel: step.kernel, inputs: step.inputs, output: step.outputs[0]! }
    : null

/**
 * Joins neighbouring kernels that share their outermost loops, as those of a softmax or a normalisation do: one pass
 * over the rows instead of one per kernel. Values that only members use shrink to one row; `slots` is updated. No run
 * goes on at one of the `fences`: before those steps there is a barrier.
 */
export const clusterSteps = (
  steps: readonly Step[],
  slots: Slot[],
  fences: ReadonlySet<Step> = new Set(),
): readonly Step[] => {
  // An empty place before each fence ends the run of kernels there.
  const places = steps.flatMap((step, i) => (fences.has(step) ? [null, i] : [i]))
  const runs = findClusters(places.map((i) => (i === null ? null : memberOf(steps[i]!))))
  const clusters = runs.map((r) => ({ ...r, from: places[r.from]!, to: places[r.to - 1]! + 1 }))
  if (clusters.length === 0) return steps
  const users = new Map<number, number>()
  for (const step of steps) for (const id of new Set(step.inputs)) users.set(id, (users.get(id) ?? 0) + 1)
  const joined: Step[] = []
  let at = 0
  for (const { from, to, members: own } of clusters) {
    joined.push(...steps.slice(at, from))
    const inside = (slot: number): number => own.filter((m) => m.inputs.includes(slot)).length
    const cluster = makeCluster(own, (slot) => slots[slot]!.kind === 'temporary' && users.get(slot) === inside(slot))
    const made = new Set(cluster.members.map((m) => m.output))
    const inputs = [...new Set(cluster.members.flatMap((m) => m.inputs))].filter((id) => !made.has(id))
    const outputs = cluster.members.map((m) => m.output)
    const positions = new Map([...inputs, ...outputs].map((id, i) => [id, i]))
    for (const m of cluster.members)
      if (cluster.local.has(m.output)) slots[m.output] = { ...slots[m.output]!, length: rowLength(cluster, m) }
    joined.push({
      kind: 'cluster',
      prefix: cluster.prefix,
      members: cluster.members.map((m) => ({
        kernel: m.kernel,
        reads: m.inputs.map((id) => positions.get(id)!),
        writes: positions.get(m.output)!,
        local: cluster.local.has(m.output),
      })),
      inputs,
      outputs,
    })
    at = to
  }
  return [...joined, ...steps.slice(at)]
}
