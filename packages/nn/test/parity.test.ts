import { flatState, type Module, Param, Rngs, type Seeds, split, state, update } from '@linum/graph'
import * as nn from '@linum/nn'
import type { Initializer } from '@linum/nn'
import * as np from '@linum/tensor'
import type { DType, Tensor } from '@linum/tensor'
import { grad, valueAndGrad } from '@linum/transforms'
import { vjp } from '@linum/autodiff'
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

interface Built {
  readonly args: readonly unknown[]
  readonly options?: Readonly<Record<string, unknown>>
}

interface InitializerCall extends Built {
  readonly initializer: string
}

const isInitializer = (x: unknown): x is InitializerCall => typeof x === 'object' && x !== null && 'initializer' in x

const lookUp = (library: unknown, name: string): never => {
  const f = (library as Record<string, unknown>)[name]
  if (typeof f !== 'function') throw new TypeError(`${name} is not in the library`)
  return f as never
}

const callWith = (f: (...args: unknown[]) => unknown, { args, options }: Built): unknown =>
  f(...args.map(decode), ...(options !== undefined && Object.keys(options).length > 0 ? [decode(options)] : []))

const makeInitializer = (c: InitializerCall): Initializer =>
  callWith(lookUp(nn.initializers, c.initializer), c) as Initializer

const optionsOf = (options: Readonly<Record<string, unknown>> = {}): object =>
  Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, isInitializer(value) ? makeInitializer(value) : decode(value)]),
  )

type AnyLayer = Module & { forward(x: unknown, options?: unknown): Tensor }

const build = (name: string, { args, options }: Built): AnyLayer => {
  const Layer: new (...args: unknown[]) => AnyLayer = lookUp(nn, name)
  return new Layer(...args.map(decode), { ...optionsOf(options), rngs: new Rngs(0) })
}

/** The leaves of a State by their paths, as tensors. */
const byPath = (s: object): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(flatState<{ asTensor(): Tensor }>(s).map(([path, leaf]) => [path.join('/'), leaf.asTensor()]))

interface CallCase extends Tolerance {
  readonly x: Encoded
  readonly call?: unknown
  readonly out: Encoded
  readonly ct: Encoded
  readonly grads: Readonly<Record<string, Encoded>>
  readonly gradX: Encoded
}

const callMismatch = (model: AnyLayer, c: CallCase): Promise<string | null> => {
  const ct = tensor(c.ct)
  const options = c.call === undefined ? [] : [decode(c.call)]
  const loss = (layer: AnyLayer, x: Tensor): readonly [Tensor, Tensor] => {
    const out = layer.forward(x, ...options)
    return [out.mul(ct).sum(), out]
  }
  const differentiated = valueAndGrad(loss, { argnums: [0, 1], hasAux: true })
  const [[, out], [grads, gradX]] = differentiated(model, tensor(c.x)) as unknown as [
    [unknown, Tensor],
    [object, Tensor],
  ]
  return first(
    () => labelled('output', mismatch(out, c.out, c)),
    () => labelled('gradient of', treeMismatch(byPath(grads), c.grads, c)),
    () => labelled('gradient of x', mismatch(gradX, c.gradX, c)),
  )
}

interface LayerCase extends Built {
  readonly fn: string
  readonly redraw: boolean
  readonly params: Readonly<Record<string, Encoded>>
  readonly calls: readonly CallCase[]
}

const prepare = async (model: AnyLayer, c: Pick<LayerCase, 'params' | 'redraw'>): Promise<string | null> => {
  if (c.redraw) update(model, decode(c.params) as never)
  return labelled('parameter', treeMismatch(byPath(state(model, Param)), c.params, { rtol: 2e-6, atol: 1e-6 }))
}

const layerMismatch = (c: LayerCase): Promise<string | null> =>
  guarded(async () => {
    const model = build(c.fn, c)
    return first(
      () => prepare(model, c),
      ...c.calls.map((call, k) => () => labelled(`call ${k},`, callMismatch(model, call))),
    )
  })

parity('layers', load<LayerCase>(import.meta.url, 'layers'), layerMismatch)

interface BatchNormCase extends Omit<LayerCase, 'calls'> {
  readonly steps: readonly (CallCase & { readonly mean: Encoded; readonly var: Encoded })[]
  readonly eval: CallCase
}

const batchNormMismatch = (c: BatchNormCase): Promise<string | null> =>
  guarded(async () => {
    const model = build('BatchNorm', c) as nn.BatchNorm
    const steps = c.steps.map(
      (step, k) => () =>
        first(
          () => labelled(`step ${k + 1},`, callMismatch(model, step)),
          () => labelled(`running mean after step ${k + 1}`, mismatch(model.mean.value, step.mean, { atol: 2e-6 })),
          () => labelled(`running variance after step ${k + 1}`, mismatch(model.var.value, step.var, { atol: 4e-6 })),
        ),
    )
    return first(
      () => prepare(model, { params: c.params, redraw: true }),
      ...steps,
      () => {
        model.eval()
        return labelled('evaluation,', callMismatch(model, c.eval))
      },
      () =>
        labelled(
          'running mean after evaluation',
          mismatch(model.mean.value, c.steps.at(-1)?.mean as Encoded, { atol: 2e-6 }),
        ),
    )
  })

parity('BatchNorm', load<BatchNormCase>(import.meta.url, 'batch-norm'), batchNormMismatch)

interface EmbedCase extends Built {
  readonly fn: string
  readonly embedding: Encoded
  readonly x: Encoded
  readonly out: Encoded
  readonly query: Encoded
  readonly logits: Encoded
}

const embedMismatch = (c: EmbedCase): Promise<string | null> =>
  guarded(async () => {
    const model = build('Embed', c) as unknown as nn.Embed
    const close = { rtol: 2e-6, atol: 1e-6 }
    return first(
      () => labelled('embedding', mismatch(model.embedding.value, c.embedding, close)),
      () => labelled('vectors', mismatch(model.forward(tensor(c.x)), c.out, close)),
      () => labelled('attend', mismatch(model.attend(tensor(c.query)), c.logits, { atol: 2e-6 })),
    )
  })

parity('Embed', load<EmbedCase>(import.meta.url, 'embed'), embedMismatch)

interface DropoutCase {
  readonly fn: string
  readonly rate: number
  readonly rngs: number | Seeds
  readonly before: number
  readonly broadcastDims: readonly number[]
  readonly x: Encoded
  readonly outs: readonly Encoded[]
}

const dropoutMismatch = (c: DropoutCase): Promise<string | null> =>
  guarded(async () => {
    const rngs = new Rngs(c.rngs)
    for (let k = 0; k < c.before; k++) new nn.Linear(2, 2, { rngs })
    const layer = new nn.Dropout(c.rate, { rngs, broadcastDims: c.broadcastDims })
    const x = tensor(c.x)
    return first(
      ...c.outs.map((out, k) => () => labelled(`call ${k}`, mismatch(layer.forward(x), out, { rtol: 1e-6 }))),
      () => {
        layer.eval()
        return labelled('evaluation', mismatch(layer.forward(x), c.x, { rtol: 0 }))
      },
    )
  })

parity('Dropout', load<DropoutCase>(import.meta.url, 'dropout'), dropoutMismatch)

interface SequentialCase {
  readonly fn: 'relu' | 'gelu' | 'tanh' | 'silu'
  readonly x: Encoded
  readonly y: Encoded
  readonly params: Readonly<Record<string, Encoded>>
  readonly out: Encoded
  readonly loss: Encoded
  readonly grads: Readonly<Record<string, Encoded>>
}

const sequentialMismatch = (c: SequentialCase): Promise<string | null> =>
  guarded(async () => {
    const rngs = new Rngs(0)
    const activation = (x: Tensor): Tensor => nn[c.fn](x)
    const model = new nn.Sequential(
      new nn.Linear(3, 8, { rngs }),
      activation,
      new nn.Linear(8, 6, { rngs }),
      new nn.LayerNorm(6, { rngs }),
      activation,
      new nn.Linear(6, 2, { rngs }),
    )
    const [x, y] = [tensor(c.x), tensor(c.y)]
    const loss = (m: typeof model): Tensor => (m.forward(x) as Tensor).sub(y).square().mean()
    const close = { atol: 2e-6 }
    return first(
      () => labelled('parameter', treeMismatch(byPath(split(model)[1]), c.params, { rtol: 2e-6, atol: 1e-6 })),
      () => labelled('output', mismatch(model.forward(x), c.out, close)),
      () => labelled('loss', mismatch(loss(model), c.loss, close)),
      () => labelled('gradient of', treeMismatch(byPath(grad(loss)(model) as object), c.grads, close)),
    )
  })

parity('Sequential', load<SequentialCase>(import.meta.url, 'mlp'), sequentialMismatch)

interface ActivationCase extends Built, Tolerance {
  readonly fn: string
  readonly expect: Encoded
  readonly ct: Encoded
  readonly grad: Encoded
}

const activationMismatch = (c: ActivationCase): Promise<string | null> =>
  guarded(async () => {
    const f: (x: Tensor, options?: unknown) => Tensor = lookUp(nn, c.fn)
    const options = c.options === undefined ? [] : [decode(c.options)]
    const [out, back] = vjp((x: Tensor) => f(x, ...options), [decode(c.args[0]) as Tensor])
    return first(
      () => labelled('value', mismatch(out, c.expect, c)),
      () => labelled('gradient', mismatch((back(tensor(c.ct) as never) as readonly unknown[])[0], c.grad, c)),
    )
  })

parity('activations', load<ActivationCase>(import.meta.url, 'activations'), activationMismatch)

interface InitializerCase extends Built {
  readonly fn: string
  /** The initializer itself, not a function that makes one. */
  readonly plain: boolean
  readonly seed: number
  readonly shape: readonly number[]
  /** float32 if absent. */
  readonly dtype?: DType
  readonly expect: Encoded
}

const initializerMismatch = (c: InitializerCase): Promise<string | null> =>
  guarded(() => {
    const initializer: Initializer = c.plain
      ? lookUp(nn.initializers, c.fn)
      : makeInitializer({ ...c, initializer: c.fn })
    const key = np.random.key(c.seed)
    const close = { rtol: 4e-6, atol: 1e-6 }
    const { dtype = 'float32' } = c
    return first(
      async () => (c.dtype === undefined ? mismatch(initializer(key, c.shape), c.expect, close) : null),
      () => labelled('with a dtype', mismatch(initializer(key, c.shape, { dtype }), c.expect, close)),
    )
  })

parity('initializers', load<InitializerCase>(import.meta.url, 'initializers'), initializerMismatch)
