import { grad, jvp, valueAndGrad, vjp } from '@linum/autodiff'
import * as np from '@linum/tensor'
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

/** A call whose arguments name its inputs by `{ wrt: k }`, with the derivatives of the reference. */
interface GradientCase extends Tolerance {
  readonly fn: string
  readonly inputs: readonly Encoded[]
  readonly args: readonly unknown[]
  readonly options?: unknown
  readonly ct: Encoded
  readonly out: Encoded
  readonly grads: readonly Encoded[]
  readonly tangents: readonly Encoded[]
  readonly tangent: Encoded
  readonly tangentAtol: number
  readonly second?: { readonly hvp: readonly Encoded[]; readonly atol: number }
}

type Fn = (...xs: readonly np.Tensor[]) => np.Tensor

const isPlace = (x: unknown): x is { wrt: number } => typeof x === 'object' && x !== null && 'wrt' in x

const fill = (x: unknown, inputs: readonly np.Tensor[]): unknown =>
  isPlace(x) ? inputs[x.wrt] : Array.isArray(x) ? x.map((y) => fill(y, inputs)) : decode(x)

/** `x.at(...indices).method(values)` for the arguments x, values, ...indices. */
const update =
  (c: GradientCase): Fn =>
  (...xs) => {
    const [x, values, ...indices] = c.args.map((a) => fill(a, xs)) as [np.Tensor, np.Tensor, ...np.Index[]]
    const place = np.at(x, ...indices)
    return place[c.fn.slice(3) as 'add'](values)
  }

const subject = (c: GradientCase): Fn => {
  if (c.fn.startsWith('at.')) return update(c)
  const f = c.fn.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], np)
  if (typeof f !== 'function') throw new TypeError(`${c.fn} is not in the library`)
  return (...xs) =>
    f(...c.args.map((x) => fill(x, xs)), ...(c.options === undefined ? [] : [decode(c.options)])) as np.Tensor
}

const indices = (c: GradientCase): readonly number[] => c.inputs.map((_, k) => k)

/** The gradients of <ct, f>, as an array also for one input. */
const gradients = (f: Fn, c: GradientCase): ((...xs: readonly np.Tensor[]) => readonly np.Tensor[]) => {
  const ct = tensor(c.ct)
  return grad((...xs: readonly np.Tensor[]) => np.sum(np.mul(f(...xs), ct)), { argnums: indices(c) }) as never
}

const firstOrder = (c: GradientCase): Promise<string | null> =>
  guarded(() => {
    const f = subject(c)
    const inputs = c.inputs.map(tensor)
    const [out, back] = vjp(f as never, inputs as never) as unknown as [
      np.Tensor,
      (ct: np.Tensor) => readonly np.Tensor[],
    ]
    return first(
      () => labelled('value', mismatch(out, c.out, c)),
      () => labelled('vjp', treeMismatch(back(tensor(c.ct)), c.grads, c)),
      () => labelled('a second call of vjp', treeMismatch(back(tensor(c.ct)), c.grads, c)),
      () => labelled('grad', treeMismatch(gradients(f, c)(...inputs), c.grads, c)),
    )
  })

const compiled = (c: GradientCase): Promise<string | null> =>
  guarded(() => {
    const f = subject(c)
    const inputs = c.inputs.map(tensor)
    const ct = tensor(c.ct)
    const loss = (...xs: readonly np.Tensor[]): np.Tensor => np.sum(np.mul(f(...xs), ct))
    return first(
      () => labelled('grad of jit', treeMismatch(gradients(np.jit(f as never) as never, c)(...inputs), c.grads, c)),
      () =>
        labelled(
          'jit of grad',
          treeMismatch(
            (
              np.jit(valueAndGrad(loss as never, { argnums: indices(c) }) as never) as unknown as (
                ...xs: readonly np.Tensor[]
              ) => unknown[]
            )(...inputs)[1],
            c.grads,
            c,
          ),
        ),
    )
  })

const secondOrder = (c: GradientCase): Promise<string | null> =>
  guarded(() => {
    const { hvp, atol } = c.second as NonNullable<GradientCase['second']>
    const inner = gradients(subject(c), c)
    const directions = c.tangents.map(tensor)
    const along = (...xs: readonly np.Tensor[]): np.Tensor =>
      inner(...xs)
        .map((g, k) => np.sum(np.mul(g, directions[k] as np.Tensor)))
        .reduce((a, b) => np.add(a, b))
    const hessian = grad(along, { argnums: indices(c) }) as unknown as (...xs: readonly np.Tensor[]) => unknown
    return labelled('Hessian product', treeMismatch(hessian(...c.inputs.map(tensor)), hvp, { rtol: 5e-5, atol }))
  })

const forward = (c: GradientCase): Promise<string | null> =>
  guarded(() => {
    const [inputs, tangents] = [c.inputs.map(tensor), c.tangents.map(tensor)]
    const close = { ...c, atol: c.tangentAtol }
    const [out, tangent] = jvp(subject(c) as never, inputs as never, tangents as never) as unknown as [unknown, unknown]
    return first(
      () => labelled('value', mismatch(out, c.out, c)),
      () => labelled('tangent', mismatch(tangent, c.tangent, close)),
    )
  })

const cases = ['gradients', 'conv', 'indexing', 'special'].flatMap((name) => load<GradientCase>(import.meta.url, name))
parity('first derivatives', cases, firstOrder)
parity('first derivatives of compiled functions', cases, compiled)
parity('forward derivatives', cases, forward)
parity(
  'second derivatives',
  cases.filter((c) => c.second !== undefined),
  secondOrder,
)
