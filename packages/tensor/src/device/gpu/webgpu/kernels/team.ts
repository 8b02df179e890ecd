import type { Extent, Kernel } from '../../../../kernel/ir.js'
import { declarationsOf } from '../scalar/library.js'
import type { Shader } from '../shader.js'
import { loadText, storeText } from '../words.js'
import { AccumulatorText, chunkLength, teamSize } from './accumulators.js'
import { counterLines, productText } from './counters.js'
import { Block, ExpressionWriter, extentText } from './expressions.js'
import { operandsOf, operandWord, storeLines } from './map.js'
import { variesFrom } from './varies.js'

/** Points of one workgroup: a team of threads each. */
export const teamPoints = 16
const threads = teamPoints * teamSize

/** Which of neighbouring threads differ: those of one team, for reductions along memory, or those of neighbouring points. */
export type Layout = 'along' | 'across'

/** One stage of a reduction by teams. */
export interface Stage {
  readonly layout: Layout
  /** Where the elements come from: the kernel's expressions, or running values that a stage before stored, this many a point. */
  readonly source: 'kernel' | Extent
  /** Whether the results are running values, one per chunk, for a later stage; else they are the kernel's outputs. */
  readonly partial: boolean
  /** Chunks of a point; 1 when all of it is one. */
  readonly chunks: Extent
}

/** The running values of one accumulator, or two where it has indices, as buffers between stages. */
export const runningBuffers = (kernel: Kernel): number =>
  kernel.accumulators.reduce((n, { op }) => n + (op === 'argmax' || op === 'argmin' ? 2 : 1), 0)

/** Declarations of what `meetingLines` needs; `name` tells them from others of the shader. */
export const meetingPlaces = (texts: readonly AccumulatorText[], name: string, size: number): readonly string[] =>
  texts.flatMap((t, k) => [
    `var<workgroup> s${name}${k}: array<${t.type}, ${size}>;`,
    ...(t.hasIndex ? [`var<workgroup> m${name}${k}: array<i32, ${size}>;`] : []),
  ])

/**
 * Statements that combine the running values `a0`, `n0` ... of a team's threads pairwise; the first thread has the result
 * then. Threads of a team are `stride` apart. All threads of the workgroup come along.
 */
export const meetingLines = (texts: readonly AccumulatorText[], name: string, stride: number): readonly string[] => {
  const put = texts.flatMap((t, k) => [
    `s${name}${k}[lane] = a${k};`,
    ...(t.hasIndex ? [`m${name}${k}[lane] = n${k};`] : []),
  ])
  const other = `lane + s * ${stride}`
  const take = texts.flatMap((t, k) => [
    `let d${k} = s${name}${k}[${other}];`,
    ...(t.hasIndex ? [`let f${k} = m${name}${k}[${other}];`] : []),
    ...t.combine({ value: `a${k}`, index: `n${k}` }, { value: `d${k}`, index: `f${k}` }),
  ])
  return [
    ...put,
    `for (var s = ${teamSize / 2}; s > 0; s = s / 2) {`,
    'workgroupBarrier();',
    'if (member < s) {',
    ...take,
    ...put,
    '}',
    '}',
  ]
}

/**
 * Reductions by teams of threads: element r of a chunk goes to thread r mod 16, and the threads' results are combined
 * pairwise. Operands: the kernel's inputs (those of the epilogue and, in the first stage, of the elements), then the
 * running values that are read, then what is written.
 */
export const teamShader = (kernel: Kernel, params: number, stage: Stage): Shader => {
  const { grid, reduce, accumulators, inputs } = kernel
  const finished: string[] = []
  const writer = new ExpressionWriter({
    axis: (axis) => (axis < grid.length ? `i${axis}` : `r${axis - grid.length}`),
    accumulator: (k) => finished[k]!,
    word: operandWord,
  })
  const texts = accumulators.map((a) => new AccumulatorText(a, writer.use))
  const count = runningBuffers(kernel)
  const reads = stage.source === 'kernel' ? 0 : count
  const length = stage.source === 'kernel' ? productText(reduce) : extentText(stage.source)
  const chunks = extentText(stage.chunks)
  const single = chunks === '1'
  const points = single ? productText(grid) : `${productText(grid)} * ${chunks}`
  const [team, member] = stage.layout === 'along' ? ['lane / 16', 'lane % 16'] : ['lane % 16', 'lane / 16']

  const body = new Block()
  body.lines.push(
    `let points = ${points};`,
    `if (group * ${teamPoints} >= points) { return; }`,
    `let item = group * ${teamPoints} + ${team};`,
    `let member = ${member};`,
    // A team without a point computes the last one's, too, and stores nothing: all threads must meet at the barriers.
    'let own = min(item, points - 1);',
    ...(single
      ? ['let point = own;', 'let chunk = 0;']
      : [`let point = own / ${chunks};`, `let chunk = own % ${chunks};`]),
    ...counterLines('point', grid, (axis) => `i${axis}`),
    `let first = chunk * ${chunkLength};`,
    `let last = min(first + ${chunkLength}, ${length});`,
  )
  texts.forEach((t, k) => {
    body.lines.push(`var a${k}: ${t.type} = ${t.start()};`)
    if (t.hasIndex) body.lines.push(`var n${k} = -1;`)
  })
  const loop = new Block(body, stage.source === 'kernel' ? variesFrom(grid.length) : null)
  if (stage.source === 'kernel') loop.lines.push(...counterLines('r', reduce, (axis) => `r${axis}`))
  let buffer = inputs.length
  texts.forEach((t, k) => {
    const value = writer.fresh('e')
    let index = 'r'
    if (stage.source === 'kernel') {
      const text = writer.value(accumulators[k]!.value, loop)
      loop.lines.push(`let ${value} = ${text};`)
    } else {
      loop.lines.push(`let ${value} = ${loadText(`$${buffer++}[point * ${length} + r]`, t.stored)};`)
      if (t.hasIndex) {
        index = writer.fresh('k')
        loop.lines.push(`let ${index} = bitcast<i32>($${buffer++}[point * ${length} + r]);`)
      }
    }
    loop.lines.push(...t.combine({ value: `a${k}`, index: `n${k}` }, { value, index }))
  })
  body.lines.push(`for (var r = first + member; r < last; r += ${teamSize}) {`, ...loop.lines, '}')
  body.lines.push(...meetingLines(texts, '', stage.layout === 'along' ? 1 : teamPoints))
  body.lines.push('if (member != 0 || item >= points) { return; }')
  if (stage.partial) {
    let target = inputs.length + reads
    texts.forEach((t, k) => {
      body.lines.push(`$${target++}[item] = ${storeText(`a${k}`, t.stored)};`)
      if (t.hasIndex) body.lines.push(`$${target++}[item] = bitcast<u32>(n${k});`)
    })
  } else {
    texts.forEach((t, k) => {
      const name = writer.fresh('t')
      body.lines.push(`let ${name} = ${t.finish({ value: `a${k}`, index: `n${k}` })};`)
      finished[k] = name
    })
    storeLines(
      { ...kernel, inputs: [...inputs, ...Array.from({ length: reads }, () => 'uint32' as const)] },
      writer,
      body,
      'point',
    )
  }
  return {
    operands: [
      ...operandsOf({ ...kernel, outputs: [] }),
      ...Array.from({ length: reads }, () => 'read' as const),
      ...(stage.partial
        ? Array.from({ length: count }, () => 'write' as const)
        : kernel.outputs.map(() => 'write' as const)),
    ],
    threads,
    params,
    declarations: [...declarationsOf(writer.used), ...meetingPlaces(texts, '', threads)],
    body: body.lines.join('\n'),
  }
}
