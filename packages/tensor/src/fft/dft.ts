import { BoundedCache } from '../core/bounded-cache.js'

/** The discrete Fourier transform sum_k x_k exp(-2 pi i j k / n), in place. The inverse is the same with the arrays swapped. */
export type Transform = (re: Float64Array, im: Float64Array) => void

/** Primes beyond this are not worth a butterfly: their length goes by way of a convolution. */
const largestRadix = 13

/** Radices, fours first, whose product is n; null where a prime is too large. */
const radicesOf = (n: number): readonly number[] | null => {
  const out: number[] = []
  let rest = n
  for (const p of [4, 2, 3, 5, 7, 11, largestRadix]) {
    for (; rest % p === 0; rest /= p) out.push(p)
  }
  return rest === 1 ? out : null
}

/** Cosines and sines of -2 pi k / n. */
const rootsOf = (n: number): { readonly cos: Float64Array; readonly sin: Float64Array } => ({
  cos: Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n)),
  sin: Float64Array.from({ length: n }, (_, k) => -Math.sin((2 * Math.PI * k) / n)),
})

/** One pass of radix p: `length` is what is left to transform, `stride` how many transforms interleave. */
type Pass = (xr: Float64Array, xi: Float64Array, yr: Float64Array, yi: Float64Array) => void

const passOf = (n: number, p: number, length: number, stride: number, roots: ReturnType<typeof rootsOf>): Pass => {
  const { cos, sin } = roots
  const m = length / p
  const step = n / p
  const [tr, ti] = [new Float64Array(p), new Float64Array(p)]
  return (xr, xi, yr, yi) => {
    for (let k = 0; k < m; k++) {
      for (let q = 0; q < stride; q++) {
        for (let l = 0; l < p; l++) {
          tr[l] = xr[q + stride * (k + l * m)]!
          ti[l] = xi[q + stride * (k + l * m)]!
        }
        for (let j = 0; j < p; j++) {
          let [re, im] = [tr[0]!, ti[0]!]
          for (let l = 1; l < p; l++) {
            const at = ((j * l) % p) * step
            re += tr[l]! * cos[at]! - ti[l]! * sin[at]!
            im += tr[l]! * sin[at]! + ti[l]! * cos[at]!
          }
          const turn = j * k * stride
          const to = q + stride * (p * k + j)
          yr[to] = re * cos[turn]! - im * sin[turn]!
          yi[to] = re * sin[turn]! + im * cos[turn]!
        }
      }
    }
  }
}

/** As `passOf` for radix 4, whose butterfly needs no multiplication. */
const passOfFour = (length: number, stride: number, roots: ReturnType<typeof rootsOf>): Pass => {
  const { cos, sin } = roots
  const m = length / 4
  const far = stride * m
  return (xr, xi, yr, yi) => {
    for (let k = 0; k < m; k++) {
      const [c1, s1] = [cos[k * stride]!, sin[k * stride]!]
      const [c2, s2] = [cos[2 * k * stride]!, sin[2 * k * stride]!]
      const [c3, s3] = [cos[3 * k * stride]!, sin[3 * k * stride]!]
      for (let q = 0; q < stride; q++) {
        const a = q + stride * k
        const to = q + stride * 4 * k
        const sr = xr[a]! + xr[a + 2 * far]!
        const si = xi[a]! + xi[a + 2 * far]!
        const dr = xr[a]! - xr[a + 2 * far]!
        const di = xi[a]! - xi[a + 2 * far]!
        const ur = xr[a + far]! + xr[a + 3 * far]!
        const ui = xi[a + far]! + xi[a + 3 * far]!
        const vr = xr[a + far]! - xr[a + 3 * far]!
        const vi = xi[a + far]! - xi[a + 3 * far]!
        yr[to] = sr + ur
        yi[to] = si + ui
        yr[to + stride] = (dr + vi) * c1 - (di - vr) * s1
        yi[to + stride] = (dr + vi) * s1 + (di - vr) * c1
        yr[to + 2 * stride] = (sr - ur) * c2 - (si - ui) * s2
        yi[to + 2 * stride] = (sr - ur) * s2 + (si - ui) * c2
        yr[to + 3 * stride] = (dr - vi) * c3 - (di + vr) * s3
        yi[to + 3 * stride] = (dr - vi) * s3 + (di + vr) * c3
      }
    }
  }
}

/** Stockham's transform: one pass per radix, each sorting as it goes. */
const mixedRadix = (n: number, radices: readonly number[]): Transform => {
  const roots = rootsOf(n)
  let [length, stride] = [n, 1]
  const passes = radices.map((p): Pass => {
    const pass = p === 4 ? passOfFour(length, stride, roots) : passOf(n, p, length, stride, roots)
    length /= p
    stride *= p
    return pass
  })
  const [spareRe, spareIm] = [new Float64Array(n), new Float64Array(n)]
  return (re, im) => {
    let from: readonly [Float64Array, Float64Array] = [re, im]
    let to: readonly [Float64Array, Float64Array] = [spareRe, spareIm]
    for (const pass of passes) {
      pass(...from, ...to)
      ;[from, to] = [to, from]
    }
    if (from[0] !== re) {
      re.set(from[0])
      im.set(from[1])
    }
  }
}

/** Any length as a convolution with a chirp (Bluestein), done at a power of two. */
const chirped = (n: number): Transform => {
  let size = 1
  while (size < 2 * n - 1) size *= 2
  const inner = transformOf(size)
  const [cos, sin] = [new Float64Array(n), new Float64Array(n)]
  for (let k = 0; k < n; k++) {
    // k^2 modulo 2 n keeps the angle small, and the square exact.
    const angle = (Math.PI * ((k * k) % (2 * n))) / n
    cos[k] = Math.cos(angle)
    sin[k] = -Math.sin(angle)
  }
  const [kernelRe, kernelIm] = [new Float64Array(size), new Float64Array(size)]
  for (let k = 0; k < n; k++) {
    kernelRe[k] = cos[k]!
    kernelIm[k] = -sin[k]!
    if (k > 0) {
      kernelRe[size - k] = cos[k]!
      kernelIm[size - k] = -sin[k]!
    }
  }
  inner(kernelRe, kernelIm)
  const [workRe, workIm] = [new Float64Array(size), new Float64Array(size)]
  return (re, im) => {
    workRe.fill(0)
    workIm.fill(0)
    for (let k = 0; k < n; k++) {
      workRe[k] = re[k]! * cos[k]! - im[k]! * sin[k]!
      workIm[k] = re[k]! * sin[k]! + im[k]! * cos[k]!
    }
    inner(workRe, workIm)
    for (let k = 0; k < size; k++) {
      const [a, b] = [workRe[k]!, workIm[k]!]
      workRe[k] = (a * kernelRe[k]! - b * kernelIm[k]!) / size
      workIm[k] = (a * kernelIm[k]! + b * kernelRe[k]!) / size
    }
    inner(workIm, workRe)
    for (let k = 0; k < n; k++) {
      re[k] = workRe[k]! * cos[k]! - workIm[k]! * sin[k]!
      im[k] = workRe[k]! * sin[k]! + workIm[k]! * cos[k]!
    }
  }
}

const transforms = /* @__PURE__ */ new BoundedCache<number, Transform>(64)

/** The transform of length n: mixed radix where the primes are small, else Bluestein's; O(n log n) in both. */
export const transformOf = (n: number): Transform =>
  transforms.get(n, () => {
    const radices = radicesOf(n)
    return radices === null ? chirped(n) : mixedRadix(n, radices)
  })

/** Transforms every line of a row-major array along an axis, in place. */
export const transformAlong = (
  re: Float64Array,
  im: Float64Array,
  shape: readonly number[],
  axis: number,
  inverse: boolean,
): void => {
  const n = shape[axis]!
  const run = transformOf(n)
  let stride = 1
  for (let i = axis + 1; i < shape.length; i++) stride *= shape[i]!
  const [lineRe, lineIm] = [new Float64Array(n), new Float64Array(n)]
  for (let outer = 0; outer < re.length; outer += n * stride) {
    for (let start = outer; start < outer + stride; start++) {
      for (let k = 0; k < n; k++) {
        lineRe[k] = re[start + k * stride]!
        lineIm[k] = im[start + k * stride]!
      }
      if (inverse) run(lineIm, lineRe)
      else run(lineRe, lineIm)
      for (let k = 0; k < n; k++) {
        re[start + k * stride] = lineRe[k]!
        im[start + k * stride] = lineIm[k]!
      }
    }
  }
}
