import { dtypeBytes } from '../../../core/dtype.js'
import type { Kernel } from '../../../kernel/ir.js'
import { type FunctionBuilder, i32 } from '../asm/function.js'
import { i32GtS } from '../asm/opcodes.js'
import type { LaneEmitter } from '../lanes/lane-emitter.js'
import { kernelScratch } from '../scratch.js'
import type { StepCode, Target } from '../step-code.js'
import { chunksOf } from './chunk.js'
import { Dependence, survey } from './dependence.js'
import { planKernel } from './plan.js'
import { constant, type Scalar, Scalars } from './scalar.js'
import { Scope } from './scope.js'
import type { Operand } from './values.js'
import { writeKernel } from './write-kernel.js'

/** What lanes are written with in a function, and whether the host was asked for. */
export const laneEmitter = (target: Target, f: FunctionBuilder): { readonly e: LaneEmitter; hosts(): boolean } => {
  let hosts = false
  const e: LaneEmitter = {
    f,
    module: target.module,
    fma: target.fma,
    host: (name) => {
      hosts = true
      return target.host(name)
    },
  }
  return { e, hosts: () => hosts }
}

/** The offset of the last element of a buffer whose length in bytes is word `word` of the block. */
export const lastElement = (f: FunctionBuilder, s: Scalars, root: Scope, word: number, bytes: number): Scalar => {
  const offset = s.subtract(root, s.word(word), constant(bytes))
  return s.local(root, () => {
    s.push(offset)
    f.i32(0)
    s.push(offset)
    f.i32(0).op(i32GtS).select()
  })
}

/**
 * The code of one kernel. Its unit is a step along the axis that `chunksOf` chooses. Kernels whose operations call the
 * host run on one thread.
 */
export const emitKernel = (target: Target, kernel: Kernel): StepCode => {
  const f = target.module.function([i32, i32, i32])
  const root = new Scope(null)
  const dependence = new Dependence(kernel)
  const found = survey(kernel, dependence)
  const count = kernel.inputs.length + kernel.outputs.length
  const s = new Scalars(f, 0, root, count)
  const plan = planKernel(kernel, found, 0)
  const chunks = chunksOf(kernel, found, plan)
  const { e, hosts } = laneEmitter(target, f)
  const inputs = kernel.inputs.map((dtype, k): Operand => {
    const at = found.free.indexOf(k)
    const limit = at < 0 ? null : lastElement(f, s, root, count + found.params + at, dtypeBytes(dtype))
    return { address: s.word(k), limit }
  })
  const outputs = kernel.outputs.map((_, k) => s.word(kernel.inputs.length + k))
  const body = writeKernel(
    {
      e,
      scalars: s,
      outer: { scopes: [root], counters: [], row: constant(0) },
      kernel,
      dependence,
      survey: found,
      inputs,
      outputs,
      padded: false,
      range: chunks === null ? null : { axis: chunks.axis, from: { local: 1 }, to: { local: 2 } },
      scratch: () => s.scratch(target.scratch, kernelScratch.offset),
    },
    plan,
  )
  f.append(root.code).append(body)
  return {
    parts: [{ run: f, units: chunks?.units ?? 1, grain: chunks?.grain ?? 1, parallel: chunks !== null && !hosts() }],
    temporaries: [],
    limits: found.free,
  }
}
