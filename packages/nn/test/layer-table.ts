import { flatState, fromFlatState, type Module, Param, Rngs, state, update, type VariableState } from '@linum/graph'
import * as nn from '@linum/nn'
import { Tensor } from '@linum/tensor'
import { valueAndGrad } from '@linum/transforms'
import {
  decode,
  type Encoded,
  first,
  guarded,
  labelled,
  mismatch,
  tensor,
  type Tolerance,
  treeMismatch,
} from './fixture.js'

/** A layer of @linum/nn by its name; an argument `{ layer }` is another one. */
interface LayerCall {
  readonly fn: string
  readonly args: readonly unknown[]
  readonly options: Readonly<Record<string, unknown>>
}

type Leaves = Readonly<Record<string, Encoded>>

interface Call extends Tolerance {
  readonly x: Encoded
  readonly call?: unknown
  readonly out: Encoded
  readonly ct: Encoded
  readonly grads: Leaves
  readonly gradX?: Encoded
  readonly after?: Leaves
}

export interface TableCase extends LayerCall {
  readonly redraw: boolean
  readonly params: Leaves
  /** How many keys the layer has drawn. */
  readonly drawn: number
  readonly calls: readonly Call[]
}

type AnyLayer = Module & { forward(x: unknown, options?: unknown): Tensor }

const isLayer = (x: unknown): x is { readonly layer: LayerCall } => typeof x === 'object' && x !== null && 'layer' in x

const make = ({ fn, args, options }: LayerCall, rngs: Rngs): AnyLayer => {
  const argument = (x: unknown): unknown => (isLayer(x) ? make(x.layer, rngs) : decode(x))
  const own = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, argument(value)]))
  const Class = (nn as Readonly<Record<string, unknown>>)[fn] as new (...args: unknown[]) => AnyLayer
  const positional = args.map(argument)
  return fn === 'PReLU'
    ? new Class(...(positional.length > 0 ? positional : [0.01]), own)
    : new Class(...positional, { ...own, rngs })
}

/** The leaves of a State by their paths, as tensors. */
const byPath = (s: object): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(flatState<VariableState>(s).map(([path, leaf]) => [path.join('/'), leaf.asTensor()]))

const nested = (leaves: Leaves): object =>
  fromFlatState(Object.entries(leaves).map(([path, leaf]) => [path.split('/'), tensor(leaf)] as const))

const callMismatch = (model: AnyLayer, c: Call): Promise<string | null> => {
  const [ct, options] = [tensor(c.ct), c.call === undefined ? [] : [decode(c.call)]]
  const loss = (layer: AnyLayer, x: Tensor): readonly [Tensor, Tensor] => {
    const out = layer.forward(x, ...options)
    return [out.mul(ct).sum(), out]
  }
  const argnums = c.gradX === undefined ? [0] : [0, 1]
  const [[, out], [grads, gradX]] = valueAndGrad(loss as never, { argnums, hasAux: true } as never)(
    model as never,
    tensor(c.x) as never,
  ) as unknown as [[unknown, Tensor], [object, Tensor]]
  return first(
    () => labelled('output', mismatch(out, c.out, c)),
    () => labelled('gradient of', treeMismatch(byPath(grads), c.grads, c)),
    async () => (c.gradX === undefined ? null : labelled('gradient of x', mismatch(gradX, c.gradX, c))),
    async () =>
      c.after === undefined ? null : labelled('state after the call', treeMismatch(byPath(state(model)), c.after, c)),
  )
}

/** The difference between a layer and the reference: first parameters, then call by call, or null. */
export const tableMismatch = (c: TableCase): Promise<string | null> =>
  guarded(async () => {
    const rngs = new Rngs(0)
    const model = make(c, rngs)
    const [drawn] = await rngs.stream().count.value.data()
    if (drawn !== c.drawn) return `drew ${drawn} keys, expected ${c.drawn}`
    if (c.redraw) update(model, nested(c.params) as never)
    return first(
      () => labelled('parameter', treeMismatch(byPath(state(model, Param)), c.params, { rtol: 2e-6, atol: 1e-6 })),
      ...c.calls.map((call, k) => () => labelled(`call ${k},`, callMismatch(model, call))),
    )
  })
