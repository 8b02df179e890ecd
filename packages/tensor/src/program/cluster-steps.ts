import { findClusters, makeCluster, type Member, rowLength } from '../kernel/cluster.js'
import type { Slot, Step } from './schedule.js'

const memberOf = (step: Step): Member | null =>
  step.kind === 'kernel' && step.outputs.length === 1
    ? { kernel: step.kernel, inputs: step.inputs, output: step.outputs[0]! }
    : null

/**
 * Joins neighbouring kernels that share their outermost loops, as those of a softmax or a normalisation do: one pass
 * over the rows instead of one per kernel. Values that only members use shrink to one row; `slots` is updated.
 */
export const clusterSteps = (steps: readonly Step[], slots: Slot[]): readonly Step[] => {
  const clusters = findClusters(steps.map(memberOf))
  if (clusters.length === 0) return steps
  const users = new Map<number, number>()
  for (const step of steps) for (const id of new Set(step.inputs)) users.set(id, (users.get(id) ?? 0) + 1)
  const joined: Step[] = []
  let at = 0
  for (const { from, to, members: own } of clusters) {
    joined.push(...steps.slice(at, from))
    const inside = (slot: number): number => own.filter((m) => m.inputs.includes(slot)).length
    const cluster = makeCluster(
      own,
      (slot) => slots[slot]!.kind === 'temporary' && users.get(slot) === inside(slot),
    )
    const made = new Set(cluster.members.map((m) => m.output))
    const inputs = [...new Set(cluster.members.flatMap((m) => m.inputs))].filter((id) => !made.has(id))
    const outputs = cluster.members.map((m) => m.output)
    const places = new Map([...inputs, ...outputs].map((id, i) => [id, i]))
    for (const m of cluster.members)
      if (cluster.local.has(m.output)) slots[m.output] = { ...slots[m.output]!, length: rowLength(cluster, m) }
    joined.push({
      kind: 'cluster',
      prefix: cluster.prefix,
      members: cluster.members.map((m) => ({
        kernel: m.kernel,
        reads: m.inputs.map((id) => places.get(id)!),
        writes: places.get(m.output)!,
        local: cluster.local.has(m.output),
      })),
      inputs,
      outputs,
    })
    at = to
  }
  return [...joined, ...steps.slice(at)]
}
