import { iterGraph, Module, restoreRngs, Rngs, RngStream, splitRngs, type SplitRngsOptions } from '@linum/graph'
import { ShapeError, type Tensor, type TensorLike } from '@linum/tensor'
import { formatShape } from '@linum/tensor/core'
import { Carry, scan, StateAxes } from '@linum/transforms'
import { numberOperand } from '../operand.js'
import { RNNCellBase } from './cell.js'
import { flipSequences, lastCarries, lengthsOperand, type SequenceLayout } from './sequences.js'

/** What random numbers of a carry are drawn from: true for a stream of seed 0, false for what the call gives. */
export type CarryRngs = boolean | Rngs | RngStream

export interface RNNOptions<R extends boolean = boolean> {
  /** Whether time is the first axis instead of the last before the features. */
  readonly timeMajor?: boolean
  /** Whether `forward` returns `[carry, outputs]`. */
  readonly returnCarry?: R
  /** From the last element to the first. */
  readonly reverse?: boolean
  /** With `reverse`: outputs in the order of the inputs. */
  readonly keepOrder?: boolean
  /** A hint for the loop that changes no result. */
  readonly unroll?: number
  /** What becomes of the state of the cell from step to step; all is carried by default. */
  readonly stateAxes?: StateAxes
  /** Random streams of the cell that give all steps of a call the same keys; null, the default, for none. */
  readonly broadcastRngs?: SplitRngsOptions['only'] | null
  /** For carries that a call does not give; true by default. */
  readonly rngs?: CarryRngs
}

export interface RNNCallOptions<C = unknown, Q extends boolean = boolean> {
  /** In place of the one that the cell makes. */
  readonly initialCarry?: C | null
  /** How many elements of each sequence count, in the shape of the batch. Outputs beyond are not to be used. */
  readonly seqLengths?: TensorLike | null
  /** These stand in place of the layer's. */
  readonly returnCarry?: Q
  readonly timeMajor?: boolean
  readonly reverse?: boolean
  readonly keepOrder?: boolean
  readonly rngs?: Rngs | RngStream | null
}

/** The outputs, or `[carry, outputs]`. */
export type RNNOutput<C, Q> = Q extends true ? readonly [carry: C, outputs: Tensor] : Tensor

const allCarried = new StateAxes([[true, Carry]])

/** The stream that a layer keeps. */
export const carryStream = (layer: string, rngs: unknown): RngStream | null => {
  if (rngs === true) return new RngStream(0, { tag: 'carry' })
  if (rngs === false) return null
  if (rngs instanceof Rngs) return rngs.stream('carry').fork()
  if (rngs instanceof RngStream) return rngs
  throw new TypeError(
    `${layer}: rngs must be an Rngs, an RngStream or a boolean, got ${rngs === null ? 'null' : typeof rngs}; pass { rngs: new Rngs(0) }`,
  )
}

type Step = (cell: RNNCellBase, carry: unknown, x: Tensor) => readonly [carry: unknown, output: unknown]

const plainStep: Step = (cell, carry, x) => cell.forward(carry, x)

const carryingStep =
  (step: Step): Step =>
  (cell, carry, x) => {
    const [next, y] = step(cell, carry, x)
    return [next, [next, y]]
  }

/** A step after which the streams at these paths are as before, so that all steps draw the same keys. */
const holdingStep =
  (paths: ReadonlySet<string>): Step =>
  (cell, carry, x) => {
    const held = [...iterGraph(cell)].flatMap(([path, value]) =>
      value instanceof RngStream && paths.has(JSON.stringify(path)) ? [[value, value.count.value] as const] : [],
    )
    const out = cell.forward(carry, x)
    for (const [stream, count] of held) stream.count.value = count
    return out
  }

type Loop = (cell: RNNCellBase, carry: unknown, inputs: Tensor) => readonly [carry: unknown, outputs: unknown]

interface LoopOptions {
  readonly timeAxis: number
  readonly stateAxes: StateAxes
  readonly unroll: number
  /** Whether the carries of all steps are wanted too. */
  readonly keepCarries: boolean
}

const loopOver = (step: Step, { timeAxis, stateAxes, unroll, keepCarries }: LoopOptions): Loop =>
  scan(keepCarries ? carryingStep(step) : step, {
    inAxes: [stateAxes, Carry, timeAxis],
    outAxes: [Carry, keepCarries ? [0, timeAxis] : timeAxis],
    unroll,
  } as never) as Loop

// A loop keeps what it has traced, so that the next call of the layer need not trace.
const loops = new WeakMap<object, Map<string, Loop>>()

/**
 * A cell applied to sequences [...batch, time, ...features], or [time, ...batch, ...features] with `timeMajor`: outputs of
 * the same layout, with the carry at the end where `returnCarry` asks for it. The cell is traced once, whatever the length.
 */
export class RNN<C = unknown, R extends boolean = false> extends Module {
  cell: RNNCellBase<C>
  readonly timeMajor: boolean
  readonly returnCarry: R
  readonly reverse: boolean
  readonly keepOrder: boolean
  readonly unroll: number
  readonly stateAxes: StateAxes
  readonly broadcastRngs: SplitRngsOptions['only'] | null
  rngs: RngStream | null

  constructor(cell: RNNCellBase<C>, options: RNNOptions<R> = {}) {
    super()
    if (!(cell instanceof RNNCellBase))
      throw new TypeError(
        `RNN: cell must be an RNNCellBase, got ${cell === null ? 'null' : typeof cell}; pass new LSTMCell(...) or extend RNNCellBase`,
      )
    const { timeMajor = false, returnCarry = false, reverse = false, keepOrder = false, unroll = 1 } = options
    this.cell = cell
    this.timeMajor = timeMajor
    this.returnCarry = returnCarry as R
    this.reverse = reverse
    this.keepOrder = keepOrder
    this.unroll = unroll
    this.stateAxes = options.stateAxes ?? allCarried
    this.broadcastRngs = options.broadcastRngs ?? null
    this.rngs = carryStream('RNN', options.rngs ?? true)
  }

  /** Throws ShapeError where inputs or lengths do not fit, TypeError where a carry is to be made and there are no `rngs`. */
  forward<Q extends boolean = R>(inputs: TensorLike, options: RNNCallOptions<C, Q> = {}): RNNOutput<C, Q> {
    const fn = 'RNN.forward'
    const {
      timeMajor = this.timeMajor,
      returnCarry = this.returnCarry,
      reverse = this.reverse,
      keepOrder = this.keepOrder,
    } = options
    const x = numberOperand(fn, inputs)
    const layout = this.layoutOf(fn, x, timeMajor)
    const { seqLengths = null, initialCarry = null } = options
    const lengths = seqLengths === null ? null : lengthsOperand(fn, seqLengths, layout)
    const ordered = reverse ? flipSequences(x, lengths, layout) : x
    const carry = initialCarry ?? this.firstCarry(x, layout, options.rngs ?? this.rngs)
    const keepCarries = lengths !== null && returnCarry
    const [end, scanned] = this.run({ ...layout, keepCarries }, carry, ordered)
    const [carries, outputs] = keepCarries ? (scanned as readonly [C, Tensor]) : [null, scanned as Tensor]
    const inOrder = reverse && keepOrder ? flipSequences(outputs, lengths, layout) : outputs
    if (!returnCarry) return inOrder as RNNOutput<C, Q>
    return [keepCarries ? lastCarries(carries, lengths) : end, inOrder] as unknown as RNNOutput<C, Q>
  }

  private layoutOf(fn: string, { ndim, shape }: Tensor, timeMajor: boolean): SequenceLayout {
    const features = this.cell.numFeatureAxes
    if (ndim < features + 1)
      throw new ShapeError(
        `${fn}: inputs must have an axis of time and ${features} of features, got shape ${formatShape(shape)}`,
      )
    const timeAxis = timeMajor ? 0 : ndim - features - 1
    return { timeAxis, batch: timeMajor ? shape.slice(1, ndim - features) : shape.slice(0, timeAxis) }
  }

  private firstCarry({ shape }: Tensor, { timeAxis }: SequenceLayout, rngs: Rngs | RngStream | null): C {
    const stream = rngs instanceof Rngs ? rngs.stream('carry').fork() : rngs
    return this.cell.initializeCarry(
      shape.filter((_, axis) => axis !== timeAxis),
      { rngs: stream },
    )
  }

  private run(
    { timeAxis, keepCarries }: Pick<LoopOptions, 'timeAxis' | 'keepCarries'>,
    carry: C,
    inputs: Tensor,
  ): readonly [carry: unknown, outputs: unknown] {
    const { cell, stateAxes, unroll, broadcastRngs: only } = this
    const options = { timeAxis, stateAxes, unroll, keepCarries }
    if (only === null || only === undefined) return this.loop(options)(cell, carry, inputs)
    const paths = new Map([...iterGraph(cell)].map(([path, value]) => [value, JSON.stringify(path)]))
    const backups = splitRngs(cell, { splits: 1, squeeze: true, only })
    try {
      const held = new Set([...backups].map(({ stream }) => paths.get(stream)!))
      return loopOver(holdingStep(held), options)(cell, carry, inputs)
    } finally {
      restoreRngs(backups)
    }
  }

  private loop(options: LoopOptions): Loop {
    const own = loops.get(this) ?? new Map<string, Loop>()
    loops.set(this, own)
    const name = `${options.timeAxis} ${options.keepCarries}`
    const loop = own.get(name) ?? loopOver(plainStep, options)
    own.set(name, loop)
    return loop
  }
}
