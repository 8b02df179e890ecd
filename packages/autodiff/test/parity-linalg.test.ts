import { grad, jvp, vjp, vmap } from '@linum/autodiff'
import * as np from '@linum/tensor'
import { type Encoded, first, guarded, labelled, load, mismatch, parity, tensor } from './fixture.js'

/** A function of its inputs with derivatives in double precision. */
interface DerivativeCase {
  readonly fn: string
  readonly options?: unknown
  readonly inputs: readonly Encoded[]
  readonly ct: Encoded
  readonly tangents: readonly Encoded[]
  readonly out: Encoded
  readonly grads: readonly Encoded[]
  readonly tangent: Encoded
  readonly hvp?: readonly Encoded[]
}

type Fn = (...xs: readonly np.Tensor[]) => np.Tensor
type Many = (...xs: readonly np.Tensor[]) => readonly np.Tensor[]

const { linalg, fft } = np
const parts = ({ real, imag }: np.fft.Complex): np.Tensor => np.stack([real, imag])
const scaled = (q: np.Tensor, f: np.Tensor): np.Tensor => q.mul(np.expandDims(f, -2))
const thin = (x: np.Tensor): [np.Tensor, np.Tensor, np.Tensor] => linalg.svd(x, { fullMatrices: false })

/** What is unique up to a sign, made unique; and what takes or gives several arrays. */
const composed: Readonly<Record<string, (options: never) => Fn>> = {
  logdet: () => (x) => linalg.slogdet(x!)[1],
  eighSine: () => (x) => {
    const [w, v] = linalg.eigh(x!)
    return np.matmul(scaled(v, w.sin()), v.mT)
  },
  eighSquares: () => (x) => linalg.eigh(x!)[1].square(),
  qrQ: () => (x) => linalg.qr(x!)[0],
  luSum: () => (x) => {
    const [p, l, u] = linalg.lu(x!)
    return np.matmul(np.matmul(p, l), u.cos())
  },
  svdSine: () => (x) => {
    const [u, s, vh] = thin(x!)
    return np.matmul(scaled(u, s.sin()), vh)
  },
  svdSquares: () => (x) => {
    const [u, s, vh] = thin(x!)
    return np.concatenate([u.square().mT, vh.square()], { axis: -1 }).mul(np.expandDims(s, -1))
  },
  lstsqX: () => (x, y) => linalg.lstsq(x!, y!)[0],
  lstsqResiduals: () => (x, y) => linalg.lstsq(x!, y!)[1],
  multiDot:
    () =>
    (...xs) =>
      linalg.multiDot(xs),
  fftnParts: (options) => (real, imag) => parts(fft.fftn({ real: real!, imag: imag! }, options)),
  ifftnParts: (options) => (real, imag) => parts(fft.ifftn({ real: real!, imag: imag! }, options)),
  rfftnParts: (options) => (x) => parts(fft.rfftn(x!, options)),
  irfftnParts: (options) => (real, imag) => fft.irfftn({ real: real!, imag: imag! }, options),
  power: (options) => (x) => fft.abs(fft.rfftn(x!, options)).square(),
  abs: () => (real, imag) => fft.abs({ real: real!, imag: imag! }),
  angle: () => (real, imag) => fft.angle({ real: real!, imag: imag! }),
}

/** NaN, the infinities and arrays of numbers as the fixtures write them. */
const plain = (x: unknown): unknown => {
  if (typeof x !== 'object' || x === null || Array.isArray(x)) return x
  if ('number' in x) return Number(x.number)
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(value)]))
}

const subject = (c: DerivativeCase): Fn => {
  const options = plain(c.options)
  const own = composed[c.fn]
  if (own !== undefined) return own(options as never)
  const f = (linalg as unknown as Record<string, unknown>)[c.fn.replace('linalg.', '')]
  if (typeof f !== 'function') throw new TypeError(`${c.fn} is not in the library`)
  return (...xs) => f(...xs, ...(options === undefined ? [] : [options])) as np.Tensor
}

const gradients = (f: Fn, ct: np.Tensor, inputs: readonly unknown[]): Many =>
  grad((...xs: readonly np.Tensor[]) => np.sum(np.mul(f(...xs), ct)), {
    argnums: inputs.map((_, k) => k),
  }) as unknown as Many

/** Relative to the largest element: single precision, through some ill-conditioned steps. */
const near = (got: unknown, want: Encoded, precision = 5e-6): Promise<string | null> => {
  const size = want.data.reduce<number>(
    (a, x) => (Number.isFinite(Number(x)) ? Math.max(a, Math.abs(Number(x))) : a),
    1,
  )
  return mismatch(got, want, { rtol: precision, atol: precision * size })
}

const all = (got: readonly unknown[], want: readonly Encoded[], precision?: number): Promise<string | null> =>
  first(...want.map((w, i) => () => labelled(`of input ${i}`, near(got[i], w, precision))))

const firstOrder = (c: DerivativeCase): Promise<string | null> =>
  guarded(() => {
    const f = subject(c)
    const [inputs, ct] = [c.inputs.map(tensor), tensor(c.ct)]
    const [out, back] = vjp(f as never, inputs as never) as unknown as [np.Tensor, (ct: np.Tensor) => np.Tensor[]]
    const tangents = c.tangents.map(tensor)
    const [, tangent] = jvp(f as never, inputs as never, tangents as never) as unknown as [unknown, unknown]
    return first(
      () => labelled('value', near(out, c.out)),
      () => labelled('vjp', all(back(ct), c.grads)),
      () => labelled('jvp', near(tangent, c.tangent)),
    )
  })

const compiled = (c: DerivativeCase): Promise<string | null> =>
  guarded(() => {
    const f = subject(c)
    const [inputs, ct] = [c.inputs.map(tensor), tensor(c.ct)]
    const both = np.jit(gradients(f, ct, inputs) as never) as unknown as Many
    return first(
      () => labelled('grad of jit', all(gradients(np.jit(f as never) as never, ct, inputs)(...inputs), c.grads)),
      () => labelled('jit of grad', all(both(...inputs), c.grads)),
    )
  })

/** The gradient of three copies at once: of each the gradient of one. */
const batched = (c: DerivativeCase): Promise<string | null> =>
  guarded(() => {
    const [inputs, ct] = [c.inputs.map(tensor), tensor(c.ct)]
    const many = vmap(gradients(subject(c), ct, inputs) as never, { inAxes: inputs.map((_, k) => k % 2) } as never)
    const copies = inputs.map((x, k) => np.stack([x, x.mul(1.5), x], { axis: Math.min(k % 2, x.ndim) }))
    const got = (many as unknown as Many)(...copies)
    return all(
      got.map((g) => g.slice(2)),
      c.grads,
    )
  })

const secondOrder = (c: DerivativeCase): Promise<string | null> =>
  guarded(() => {
    const [inputs, ct] = [c.inputs.map(tensor), tensor(c.ct)]
    const directions = c.tangents.map(tensor)
    const inner = gradients(subject(c), ct, inputs)
    const along = (...xs: readonly np.Tensor[]): np.Tensor =>
      inner(...xs)
        .map((g, k) => np.sum(np.mul(g, directions[k]!)))
        .reduce((a, b) => np.add(a, b))
    const hessian = grad(along, { argnums: inputs.map((_, k) => k) }) as unknown as Many
    return all(hessian(...inputs), c.hvp!, 5e-5)
  })

const cases = load<DerivativeCase>(import.meta.url, 'linalg')
parity('derivatives of linear algebra', cases, firstOrder)
parity('derivatives of linear algebra, compiled', cases, compiled)
parity('derivatives of linear algebra, batched', cases, batched)
parity(
  'second derivatives of linear algebra',
  cases.filter((c) => c.hvp !== undefined),
  secondOrder,
)
