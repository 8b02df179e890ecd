import type { Expr, Kernel } from '../../../../kernel/ir.js'
import type { ClusterLike } from '../../../../kernel/key.js'
import { declarationsOf, type WgslFunction } from '../scalar/library.js'
import type { Dispatch } from '../shader.js'
import { storeText } from '../words.js'
import { AccumulatorText, chunkLength, shortLength, teamSize } from './accumulators.js'
import { counterLines, productText } from './counters.js'
import { Block, ExpressionWriter } from './expressions.js'
import { orderedLines } from './map.js'
import { meetingLines, meetingPlaces } from './team.js'
import { variesFrom } from './varies.js'

type Member = ClusterLike['members'][number]

/** Every adapter has as much workgroup memory. */
const workgroupBytes = 16384
/** Rows of a workgroup, the most first. */
const teamCounts = [16, 8, 4, 2] as const
/** Long reductions of one row that its team does one after the other. */
const mostReductions = 8
/** Rows that keep a device busy by themselves; of fewer, a thread should not have more to do than `mostSteps`. */
const manyRows = 1024
const mostSteps = 512

const product = (xs: readonly number[]): number => xs.reduce((a, b) => a * b, 1)

/** Results of a member in one row. */
const innerSize = ({ prefix }: ClusterLike, { kernel }: Member): number => product(kernel.grid.slice(prefix.length))

/** Whether the threads of a team share each reduction of a kernel, as they do where it is not in a cluster. */
const isShared = ({ accumulators, reduce }: Kernel<number>): boolean =>
  accumulators.length > 0 && product(reduce) > shortLength

/**
 * How many rows a workgroup computes: each by a team of threads, members one after the other, with what only they use
 * in workgroup memory. Null for a cluster that is better taken apart, whose results are the same bits then.
 */
export const clusterTeams = (cluster: ClusterLike): number | null => {
  const rows = product(cluster.prefix)
  const locals: number[] = []
  let [shared, steps] = [0, 0]
  for (const member of cluster.members) {
    const { kernel, local } = member
    const inner = innerSize(cluster, member)
    const length = product(kernel.reduce)
    if (inner * rows === 0) return null
    if (isShared(kernel)) {
      if (length > chunkLength || inner > mostReductions) return null
      shared += 2 * kernel.accumulators.length
    }
    if (local) locals.push(inner)
    steps += (inner * Math.max(1, length)) / teamSize
  }
  if (rows < manyRows && steps > mostSteps) return null
  // An array takes whole multiples of 16 bytes.
  const bytes = (teams: number): number =>
    locals.reduce((sum, row) => sum + 16 * Math.ceil((teams * row) / 4), 4 * teams * shared * teamSize)
  return teamCounts.find((teams) => bytes(teams) <= workgroupBytes) ?? null
}

/** One dispatch of all members, by `teams` rows in each workgroup. Operands are the step's that are not local. */
export const emitCluster = (cluster: ClusterLike, inputs: number, teams: number): Dispatch => {
  const { prefix, members } = cluster
  const rows = product(prefix)
  const threads = teams * teamSize
  /** Elements of one row, by position of a local slot. */
  const rowLengths = new Map(members.filter((m) => m.local).map((m) => [m.writes, innerSize(cluster, m)]))
  const written = new Set(members.map((m) => m.writes))
  const all = [...new Set([...members.flatMap((m) => m.reads), ...written])]
  const operands = all.filter((k) => !rowLengths.has(k)).sort((a, b) => a - b)
  const numbers = new Map(operands.map((k, i) => [k, i]))
  const word = (position: number, index: string): string => {
    const length = rowLengths.get(position)
    return length === undefined ? `$${numbers.get(position)!}[${index}]` : `row${position}[team * ${length} + ${index}]`
  }
  const used = new Set<WgslFunction>()
  const places: string[] = [...rowLengths].map(
    ([k, length]) => `var<workgroup> row${k}: array<u32, ${teams * length}>;`,
  )
  const lines = [
    `if (group * ${teams} >= ${rows}) { return; }`,
    `let team = lane / ${teamSize};`,
    `let member = lane % ${teamSize};`,
    `let item = group * ${teams} + team;`,
    // A team without a row computes the last one's, too, and stores nothing: all threads must meet at the barriers.
    `let own = min(item, ${rows - 1});`,
    ...counterLines('own', prefix, (axis) => `i${axis}`),
  ]
  const fresh = new Set<number>()
  for (const [number, member] of members.entries()) {
    const { kernel, reads, writes, local } = member
    if (reads.some((k) => fresh.has(k))) {
      lines.push('workgroupBarrier();', 'storageBarrier();')
      fresh.clear()
    }
    const inner = innerSize(cluster, member)
    let finished: readonly string[] = []
    const writer = new ExpressionWriter({
      axis: (axis) => (axis < kernel.grid.length ? `i${axis}` : `r${axis - kernel.grid.length}`),
      accumulator: (k) => finished[k]!,
      word: (k, index) => word(reads[k]!, index),
    })
    const store = (value: Expr<number>, block: Block): void => {
      const text = storeText(writer.value(value, block), value.dtype)
      block.lines.push(`${word(writes, local ? 'q' : `own * ${inner} + q`)} = ${text};`)
    }
    const [output] = kernel.outputs
    const body = new Block()
    body.lines.push(...counterLines('q', kernel.grid.slice(prefix.length), (axis) => `i${axis + prefix.length}`))
    if (isShared(kernel)) {
      const texts = kernel.accumulators.map((a) => new AccumulatorText(a, writer.use))
      places.push(...meetingPlaces(texts, `${number}_`, threads))
      // What the last round left there has been read.
      if (inner > 1) body.lines.push('workgroupBarrier();')
      body.lines.push(...sharedLines(kernel, texts, writer, body, `${number}_`))
      const last = new Block(body)
      finished = texts.map((t, k) => {
        const name = writer.fresh('t')
        last.lines.push(`let ${name} = ${t.finish({ value: `a${k}`, index: `n${k}` })};`)
        return name
      })
      store(output!, last)
      body.lines.push(`if (member == 0${local ? '' : ` && item < ${rows}`}) {`, ...last.lines, '}')
      lines.push(`for (var q = 0; q < ${inner}; q++) {`, ...body.lines, '}')
    } else {
      finished = orderedLines(kernel, writer, body)
      store(output!, body)
      const first = local ? 'member' : `select(${inner}, member, item < ${rows})`
      lines.push(`for (var q = ${first}; q < ${inner}; q += ${teamSize}) {`, ...body.lines, '}')
    }
    for (const name of writer.used) used.add(name)
    fresh.add(writes)
  }
  return {
    shader: {
      operands: operands.map((k) => (k < inputs ? 'read' : 'write')),
      threads,
      params: 0,
      declarations: [...declarationsOf(used), ...places],
      body: lines.join('\n'),
    },
    operands,
    params: [],
    groups: Math.ceil(rows / teams),
  }
}

/** Statements after which the team's first thread has the running values of the reductions of point `q`. */
const sharedLines = (
  kernel: Kernel<number>,
  texts: readonly AccumulatorText[],
  writer: ExpressionWriter,
  body: Block,
  name: string,
): readonly string[] => {
  const start = texts.flatMap((t, k) => [
    `var a${k}: ${t.type} = ${t.start()};`,
    ...(t.hasIndex ? [`var n${k} = -1;`] : []),
  ])
  const loop = new Block(body, variesFrom(kernel.grid.length))
  loop.lines.push(...counterLines('r', kernel.reduce, (axis) => `r${axis}`))
  texts.forEach((t, k) => {
    const value = writer.fresh('e')
    const text = writer.value(kernel.accumulators[k]!.value, loop)
    loop.lines.push(`let ${value} = ${text};`)
    loop.lines.push(...t.combine({ value: `a${k}`, index: `n${k}` }, { value, index: 'r' }))
  })
  return [
    ...start,
    `for (var r = member; r < ${productText(kernel.reduce)}; r += ${teamSize}) {`,
    ...loop.lines,
    '}',
    ...meetingLines(texts, name, 1),
  ]
}
