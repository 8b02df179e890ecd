import { vjp } from '@linum/autodiff'
import { Intermediate, Param, pop, Rngs, state, update } from '@linum/graph'
import * as nn from '@linum/nn'
import type { Tensor } from '@linum/tensor'
import { jit, valueAndGrad } from '@linum/transforms'
import { runCase } from '../../tensor/test/parity.js'
import { type AnyClass, type AnyLayer, byPath, lookUp, nested } from './by-path.js'
import {
  decode,
  type Encoded,
  first,
  guarded,
  labelled,
  load,
  mismatch,
  parity,
  tensor,
  type Tolerance,
  treeMismatch,
} from './fixture.js'

interface FunctionCase extends Tolerance {
  readonly fn: string
  readonly args: readonly Encoded[]
  readonly options?: object
  readonly expect: Encoded
  readonly ct: Encoded
  readonly grads: readonly Encoded[]
}

const functionMismatch = (c: FunctionCase): Promise<string | null> =>
  guarded(async () => {
    const f = lookUp<(...args: readonly unknown[]) => Tensor>(c.fn)
    const options = c.options === undefined ? [] : [decode(c.options)]
    const [out, back] = vjp((...operands: readonly Tensor[]) => f(...operands, ...options), c.args.map(tensor))
    return first(
      () => labelled('output', mismatch(out, c.expect, c)),
      () => labelled('gradient of', treeMismatch(back(tensor(c.ct) as never), c.grads, c)),
    )
  })

parity('attention', load<FunctionCase>(import.meta.url, 'attention-functions'), functionMismatch)

interface CallCase extends Tolerance {
  readonly inputs: readonly (Encoded | null)[]
  readonly call?: Readonly<Record<string, unknown>>
  readonly out: Encoded
  readonly ct: Encoded
  readonly grads: Readonly<Record<string, Encoded>>
  readonly gradInputs: readonly Encoded[]
}

const callMismatch = (model: AnyLayer, c: CallCase): Promise<string | null> => {
  const { seed, ...call } = c.call ?? {}
  const ct = tensor(c.ct)
  const given = (decode(call) ?? {}) as object
  const loss = (layer: AnyLayer, ...inputs: readonly Tensor[]): readonly [Tensor, Tensor] => {
    const options = seed === undefined ? given : { ...given, rngs: new Rngs({ dropout: seed as number }) }
    const out = layer.forward(...inputs, options) as Tensor
    return [out.mul(ct).sum(), out]
  }
  const inputs = c.inputs.map((x) => tensor(x!))
  const argnums = [0, ...inputs.map((_, i) => i + 1)]
  const run = jit(valueAndGrad(loss as never, { argnums, hasAux: true } as never) as (...args: never[]) => unknown)
  const [[, out], [grads, ...gradInputs]] = run(model as never, ...(inputs as never[])) as [
    [unknown, Tensor],
    [object, ...Tensor[]],
  ]
  return first(
    () => labelled('output', mismatch(out, c.out, c)),
    () => labelled('gradient of', treeMismatch(byPath(grads), c.grads, c)),
    () => labelled('gradient of input', treeMismatch(gradInputs, c.gradInputs, c)),
  )
}

interface LayerCase {
  readonly fn: string
  readonly args: readonly number[]
  readonly options: Readonly<Record<string, unknown>>
  readonly initial: Readonly<Record<string, Encoded>>
  readonly params: Readonly<Record<string, Encoded>>
  readonly calls: readonly CallCase[]
}

const make = (c: Pick<LayerCase, 'fn' | 'args' | 'options'>): AnyLayer => {
  const Layer = lookUp<AnyClass>(c.fn)
  return new Layer(...c.args, { ...c.options, rngs: new Rngs(0) })
}

const layerMismatch = (c: LayerCase): Promise<string | null> =>
  guarded(async () => {
    const model = make(c)
    return first(
      () => labelled('parameter', treeMismatch(byPath(state(model, Param)), c.initial, { rtol: 2e-6, atol: 1e-6 })),
      ...c.calls.map((call, k) => () => {
        update(model, nested(c.params) as never)
        return labelled(`call ${k},`, callMismatch(model, call))
      }),
    )
  })

parity('layers', load<LayerCase>(import.meta.url, 'attention'), layerMismatch)

interface DecodeCase extends Pick<LayerCase, 'fn' | 'args' | 'options'> {
  readonly x: Encoded
  readonly steps: readonly {
    readonly out: Encoded
    readonly cachedKey: Encoded
    readonly cachedValue: Encoded
    readonly cacheIndex: Encoded
  }[]
  readonly whole: Encoded
  readonly weights: Encoded
}

const decodeMismatch = (c: DecodeCase): Promise<string | null> =>
  guarded(async () => {
    const model = make(c) as unknown as nn.MultiHeadAttention
    const x = tensor(c.x)
    model.initCache(x.shape)
    const close = { atol: 4e-6 }
    const step = jit((m: nn.MultiHeadAttention, token: Tensor) => m.forward(token, { decode: true }))
    return first(
      ...c.steps.map((expected, t) => () => {
        const out = step(model, x.slice('...', `${t}:${t + 1}`, ':'))
        const got = { out, cachedKey: model.cachedKey!.value, cachedValue: model.cachedValue!.value }
        return labelled(
          `step ${t}`,
          treeMismatch({ ...got, cacheIndex: model.cacheIndex!.value }, { ...expected }, close),
        )
      }),
      () => labelled('all at once', mismatch(model.forward(x, { isCausal: true, sowWeights: true }), c.whole, close)),
      () => {
        const { attentionWeights } = pop(model, Intermediate) as unknown as {
          readonly attentionWeights: { readonly value: readonly Tensor[] }
        }
        return labelled('weights', mismatch(attentionWeights.value[0], c.weights, close))
      },
    )
  })

parity('decoding', load<DecodeCase>(import.meta.url, 'attention-decode'), decodeMismatch)

parity('masks', load<FunctionCase>(import.meta.url, 'attention-masks'), (c) => runCase(nn, c as never))
