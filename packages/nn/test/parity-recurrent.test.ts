import { Param, Rngs, state, update } from '@linum/graph'
import { Bidirectional, RNN, type RNNCellBase } from '@linum/nn'
import type { Tensor } from '@linum/tensor'
import { tree } from '@linum/tensor'
import { jit, valueAndGrad } from '@linum/transforms'
import { type AnyClass, type AnyLayer, byPath, lookUp, nested } from './by-path.js'
import {
  decode,
  type Encoded,
  first,
  guarded,
  labelled,
  load,
  parity,
  tensor,
  type Tolerance,
  treeMismatch,
} from './fixture.js'

interface Differentiated extends Tolerance {
  readonly out: unknown
  readonly cts: readonly Encoded[]
  readonly grads: Readonly<Record<string, Encoded>>
  readonly gradInputs: unknown
}

/** Runs a call of a layer on a tree of inputs, jitted, with all gradients. */
const callMismatch = (
  model: AnyLayer,
  inputs: unknown,
  call: (model: AnyLayer, inputs: never) => unknown,
  c: Differentiated,
): Promise<string | null> => {
  const cts = c.cts.map(tensor)
  const loss = (layer: AnyLayer, x: never): readonly [Tensor, unknown] => {
    const out = call(layer, x)
    const terms = (tree.leaves(out) as readonly Tensor[]).map((o, i) => o.mul(cts[i]!).sum())
    return [terms.reduce((a, b) => a.add(b)), out]
  }
  const run = jit(
    valueAndGrad(loss as never, { argnums: [0, 1], hasAux: true } as never) as (...args: never[]) => unknown,
  )
  const [[, out], [grads, gradInputs]] = run(model as never, inputs as never) as [[unknown, unknown], [object, unknown]]
  return first(
    () => labelled('output', treeMismatch(out, c.out, c)),
    () => labelled('gradient of', treeMismatch(byPath(grads), c.grads, c)),
    () => labelled('gradient of input', treeMismatch(gradInputs, c.gradInputs, c)),
  )
}

interface CellCase {
  readonly fn: string
  readonly args: readonly number[]
  readonly options: object
  readonly initial: Readonly<Record<string, Encoded>>
  readonly params: Readonly<Record<string, Encoded>>
  readonly calls: readonly (Differentiated & { readonly inputs: unknown })[]
}

const cellMismatch = (c: CellCase): Promise<string | null> =>
  guarded(async () => {
    const Cell = lookUp<AnyClass>(c.fn)
    const model = new Cell(...c.args, { ...c.options, rngs: new Rngs(0) })
    return first(
      () => labelled('parameter', treeMismatch(byPath(state(model, Param)), c.initial, { rtol: 1e-5, atol: 2e-6 })),
      ...c.calls.map((call, k) => () => {
        update(model, nested(c.params) as never)
        const run = (layer: AnyLayer, [carry, x]: readonly [unknown, unknown]): unknown => layer.forward(carry, x)
        return labelled(`call ${k},`, callMismatch(model, decode(call.inputs), run, call))
      }),
    )
  })

parity('cells', load<CellCase>(import.meta.url, 'recurrent-cells'), cellMismatch)

interface LayerCase extends Differentiated {
  readonly fn: 'RNN' | 'Bidirectional'
  readonly cells: readonly { readonly fn: string; readonly args: readonly number[] }[]
  readonly options: object
  readonly call: object
  readonly params: Readonly<Record<string, Encoded>>
  readonly inputs: { readonly x: Encoded; readonly carry?: unknown }
}

const layerMismatch = (c: LayerCase): Promise<string | null> =>
  guarded(async () => {
    const [cell, other] = c.cells.map(({ fn, args }) => {
      const Cell = lookUp<AnyClass>(fn)
      return new Cell(...args, { rngs: new Rngs(0) }) as unknown as RNNCellBase
    })
    const model = (c.fn === 'RNN'
      ? new RNN(cell!, c.options)
      : new Bidirectional(new RNN(cell!), new RNN(other!), c.options)) as unknown as AnyLayer
    update(model, nested(c.params) as never)
    const options = decode(c.call) as object
    const run = (layer: AnyLayer, { x, carry }: { readonly x: Tensor; readonly carry?: unknown }): unknown =>
      layer.forward(x, carry === undefined ? options : { ...options, initialCarry: carry })
    return callMismatch(model, decode(c.inputs), run, c)
  })

parity('sequences', load<LayerCase>(import.meta.url, 'recurrent'), layerMismatch)
