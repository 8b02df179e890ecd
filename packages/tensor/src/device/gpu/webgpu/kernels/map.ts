import type { Kernel } from '../../../../kernel/ir.js'
import { declarationsOf } from '../scalar/library.js'
import type { Shader } from '../shader.js'
import { storeText } from '../words.js'
import { AccumulatorText, type Running } from './accumulators.js'
import { counterLines, productText } from './counters.js'
import { Block, ExpressionWriter } from './expressions.js'
import { variesFrom } from './varies.js'

/** Threads of a workgroup that computes a point each. */
export const pointThreads = 64

/** How kernels' operands are used: inputs are read, outputs written. */
export const operandsOf = (kernel: Kernel): Shader['operands'] => [
  ...kernel.inputs.map(() => 'read' as const),
  ...kernel.outputs.map(() => 'write' as const),
]

/** Statements that compute the outputs at a point and store them: all are computed before the first is stored. */
export const storeLines = (kernel: Kernel, writer: ExpressionWriter, block: Block, point: string): void => {
  const values = kernel.outputs.map((o) => storeText(writer.value(o, block), o.dtype))
  const names = values.map((text) => {
    if (values.length === 1) return text
    const name = writer.fresh('r')
    block.lines.push(`let ${name} = ${text};`)
    return name
  })
  names.forEach((name, k) => block.lines.push(`$${kernel.inputs.length + k}[${point}] = ${name};`))
}

/** The word of an operand with the number of the kernel's input. */
export const operandWord = (k: number, index: string): string => `$${k}[${index}]`

/** Statements of a reduction that one thread does in order; returns the names of its results. */
export const orderedLines = (kernel: Kernel, writer: ExpressionWriter, body: Block): readonly string[] => {
  const { grid, reduce, accumulators } = kernel
  if (accumulators.length === 0) return []
  const running: Running[] = accumulators.map((_, k) => ({ value: `a${k}`, index: `n${k}` }))
  const texts = accumulators.map((a) => new AccumulatorText(a, writer.use))
  texts.forEach((t, k) => {
    body.lines.push(`var a${k}: ${t.type} = ${t.start()};`)
    if (t.hasIndex) body.lines.push(`var n${k} = -1;`)
  })
  const loop = new Block(body, variesFrom(grid.length))
  loop.lines.push(...counterLines('r', reduce, (axis) => `r${axis}`))
  texts.forEach((t, k) => {
    const value = writer.value(accumulators[k]!.value, loop)
    const named = writer.fresh('e')
    loop.lines.push(`let ${named} = ${value};`, ...t.combine(running[k]!, { value: named, index: 'r' }))
  })
  body.lines.push(`for (var r = 0; r < ${productText(reduce)}; r++) {`, ...loop.lines, '}')
  return texts.map((t, k) => {
    const name = writer.fresh('t')
    body.lines.push(`let ${name} = ${t.finish(running[k]!)};`)
    return name
  })
}

/** A thread per point of the grid; reductions run in order. */
export const mapShader = (kernel: Kernel, params: number): Shader => {
  const { grid } = kernel
  let finished: readonly string[] = []
  const writer = new ExpressionWriter({
    axis: (axis) => (axis < grid.length ? `i${axis}` : `r${axis - grid.length}`),
    accumulator: (k) => finished[k]!,
    word: operandWord,
  })
  const body = new Block()
  body.lines.push(
    `let point = group * ${pointThreads} + lane;`,
    `if (point >= ${productText(grid)}) { return; }`,
    ...counterLines('point', grid, (axis) => `i${axis}`),
  )
  finished = orderedLines(kernel, writer, body)
  storeLines(kernel, writer, body, 'point')
  return {
    operands: operandsOf(kernel),
    threads: pointThreads,
    params,
    declarations: declarationsOf(writer.used),
    body: body.lines.join('\n'),
  }
}
