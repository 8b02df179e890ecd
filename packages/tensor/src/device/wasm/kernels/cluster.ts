import { dtypeBytes } from '../../../core/dtype.js'
import { i32 } from '../asm/function.js'
import * as code from '../asm/opcodes.js'
import { kernelScratch, rowScratch } from '../scratch.js'
import type { StepCode, Target } from '../step-code.js'
import { elementCost } from './chunk.js'
import { Dependence, survey } from './dependence.js'
import { laneEmitter, lastElement } from './kernel.js'
import { writeLoop } from './kernel-writer.js'
import { planKernel } from './plan.js'
import { constant, type Scalar, Scalars, zero } from './scalar.js'
import { Scope } from './scope.js'
import type { Operand } from './values.js'
import { type ClusterStep, rowBytes, rowLength, widenRows } from './widen-rows.js'
import { writeKernel } from './write-kernel.js'

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

/** Additions' worth of work in a chunk. */
const chunkWork = 1 << 17

/**
 * The code of kernels that share their outermost loops. Its unit is a point of these. What members hand on to each
 * other lies in the thread's own memory where it fits; else one thread does all.
 */
export const emitCluster = (target: Target, step: ClusterStep): StepCode => {
  const { prefix, members, inputs, outputs } = widenRows(step)
  const f = target.module.function([i32, i32, i32])
  const root = new Scope(null)
  const count = inputs.length + outputs.length
  const s = new Scalars(f, 0, root, count)
  const { e, hosts } = laneEmitter(target, f)

  const places = new Map<number, Scalar>()
  const scratched = new Set<number>()
  let used = 0
  let shared = true
  for (const m of members) {
    if (!m.local) continue
    const bytes = rowBytes(m, prefix.length)
    if (used + bytes > rowScratch.bytes) shared = false
    else {
      places.set(m.writes, s.scratch(target.scratch, rowScratch.offset + used))
      scratched.add(m.writes)
      used += bytes
    }
  }
  const addressOf = (position: number): Scalar => {
    let place = places.get(position)
    if (place === undefined) places.set(position, (place = s.word(position)))
    return place
  }

  const surveys = members.map((m) => {
    const dependence = new Dependence(m.kernel)
    return { dependence, found: survey(m.kernel, dependence) }
  })
  const limits = [...new Set(members.flatMap((m, k) => surveys[k]!.found.free.map((input) => m.reads[input]!)))]

  const point = { start: { local: 1 }, end: { local: 2 }, counter: f.local(i32), step: 1 } as const
  const head = new Scope(null)
  const counters: Scalar[] = []
  let rest: Scalar = { local: point.counter }
  for (let axis = prefix.length - 1; axis >= 0; axis--) {
    const by = constant(prefix[axis]!)
    counters[axis] = axis === 0 ? rest : s.binary(head, code.i32RemU, rest, by)
    if (axis > 0) rest = s.binary(head, code.i32DivU, rest, by)
  }

  const bodies = members.map((m, k) => {
    const own = new Scope(null)
    const { dependence, found } = surveys[k]!
    const operands = m.reads.map((position, input): Operand => {
      const at = found.free.includes(input) ? limits.indexOf(position) : -1
      const bytes = dtypeBytes(m.kernel.inputs[input]!)
      return { address: addressOf(position), limit: at < 0 ? null : lastElement(f, s, root, count + at, bytes) }
    })
    const body = writeKernel(
      {
        e,
        scalars: s,
        // What a member reads may have been written by another one at this point, so nothing leaves it.
        outer: { scopes: [own], counters, row: m.local ? zero : { local: point.counter } },
        kernel: m.kernel,
        dependence,
        survey: found,
        inputs: operands,
        outputs: [addressOf(m.writes)],
        // Rows in scratch memory are apart from each other, and written whole what is read next is at hand.
        padded: scratched.has(m.writes),
        range: null,
        scratch: () => s.scratch(target.scratch, kernelScratch.offset),
      },
      planKernel(m.kernel, found, prefix.length),
    )
    return [...own.code, ...body]
  })
  f.append(root.code)
  writeLoop(f, s, point, () => {
    f.append(head.code)
    for (const body of bodies) f.append(body)
  })

  const work = members.reduce(
    (n, m, k) => n + rowLength(m, prefix.length) * elementCost(m.kernel, surveys[k]!.found),
    0,
  )
  return {
    parts: [
      {
        run: f,
        units: product(prefix),
        grain: Math.max(1, Math.floor(chunkWork / Math.max(1, work))),
        parallel: shared && !hosts(),
      },
    ],
    temporaries: [],
    limits,
  }
}
