import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rivalsFolder } from './install.js'

/** Bytes that a page loads for the smallest program that trains. */
export interface BundleSize {
  readonly name: string
  readonly gzipped: number
  /** WebAssembly that the page loads besides, gzipped. */
  readonly wasm: number
}

/** A line fitted by gradient descent, in each library. */
const programs: readonly { readonly name: string; readonly program: string; readonly wasm?: string }[] = [
  {
    name: 'linum',
    program: `import { Linear, Optimizer, Rngs, jit, np, optim, valueAndGrad } from 'linum'
const model = new Linear(2, 1, { rngs: new Rngs(0) })
const optimizer = new Optimizer(model, optim.sgd(0.1))
const step = jit((model, optimizer, x, y) => {
  const [loss, grads] = valueAndGrad((model) => model.forward(x).sub(y).square().mean())(model)
  optimizer.update(grads)
  return loss
})
for (let i = 0; i < 20; i++) console.log(step(model, optimizer, np.ones([4, 2]), np.ones([4, 1])).item())
`,
  },
  {
    name: 'jax-js',
    program: `import { init, jit, numpy as np, valueAndGrad } from '@jax-js/jax'
await init('wasm')
const step = jit((w, b, x, y) => {
  const loss = (w, b) => np.square(np.matmul(x, w).add(b).sub(y)).mean()
  const [value, [dw, db]] = valueAndGrad(loss, { argnums: [0, 1] })(w.ref, b.ref)
  return [w.sub(dw.mul(0.1)), b.sub(db.mul(0.1)), value]
})
let [w, b, value] = [np.ones([2, 1]), np.zeros([1])]
for (let i = 0; i < 20; i++) {
  ;[w, b, value] = step(w, b, np.ones([4, 2]), np.ones([4, 1]))
  console.log(value.item())
}
`,
  },
  {
    name: 'tfjs',
    program: `import * as tf from '@tensorflow/tfjs'
import '@tensorflow/tfjs-backend-wasm'
await tf.setBackend('wasm')
const [w, b] = [tf.variable(tf.ones([2, 1])), tf.variable(tf.zeros([1]))]
const [x, y] = [tf.ones([4, 2]), tf.ones([4, 1])]
const optimizer = tf.train.sgd(0.1)
for (let i = 0; i < 20; i++)
  console.log(optimizer.minimize(() => x.matMul(w).add(b).sub(y).square().mean(), true).dataSync())
`,
    wasm: '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
  },
]

/** The part of the bundler that is used. */
interface Bundler {
  readonly build: (options: object) => Promise<{ readonly output: readonly { readonly code?: string }[] }>
}

const gzipped = (bytes: string | Uint8Array): number => gzipSync(bytes).length

/** Bundles each program as for a page: unused code shaken off, minified, then gzipped. */
export const measureBundles = async (): Promise<readonly BundleSize[]> => {
  const requireRival = createRequire(join(rivalsFolder, 'package.json'))
  const { build } = (await import(pathToFileURL(requireRival.resolve('rolldown')).href)) as Bundler
  const folder = join(rivalsFolder, 'programs')
  mkdirSync(folder, { recursive: true })
  const sizes: BundleSize[] = []
  for (const { name, program, wasm } of programs) {
    const input = join(folder, `${name}.mjs`)
    writeFileSync(input, program)
    const { output } = await build({
      input,
      write: false,
      platform: 'browser',
      logLevel: 'silent',
      transform: { define: { 'process.env.NODE_ENV': '"production"' } },
      output: { format: 'es', minify: true },
    })
    sizes.push({
      name,
      gzipped: output.reduce((sum, { code }) => sum + (code === undefined ? 0 : gzipped(code)), 0),
      wasm: wasm === undefined ? 0 : gzipped(readFileSync(join(rivalsFolder, 'node_modules', wasm))),
    })
  }
  return sizes
}
