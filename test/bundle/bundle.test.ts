import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
let folder = ''

beforeAll(async () => {
  // Inside the repository, so that the packages are found by name.
  folder = await mkdtemp(join(root, 'node_modules', '.bundle-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Bundles a program with the built packages, unused code shaken off, and runs it. */
const bundle = async (
  name: string,
  program: string,
): Promise<{ readonly result: unknown; readonly gzipped: number }> => {
  const entry = join(folder, `${name}.mjs`)
  await writeFile(entry, program)
  await build({
    root: folder,
    configFile: false,
    logLevel: 'silent',
    build: {
      // As an application: the library mode keeps whitespace.
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: 'strict',
        output: { format: 'es', entryFileNames: `${name}.js` },
      },
      modulePreload: false,
      outDir: join(folder, 'out'),
      emptyOutDir: false,
      minify: true,
    },
  })
  const file = join(folder, 'out', `${name}.js`)
  const module = (await import(/* @vite-ignore */ `file://${file}`)) as { readonly result: unknown }
  return { result: module.result, gzipped: gzipSync(await readFile(file)).length }
}

test('the packages have been built, which bundling needs', () => {
  expect(existsSync(join(root, 'packages/linum/dist/index.js'))).toBe(true)
})

test('a program that uses one function of numbers alone still evaluates after unused code is shaken off', async () => {
  const { result } = await bundle(
    'add',
    `import { add } from '@linum/tensor'\nexport const result = add(1, 2).item()\n`,
  )
  expect(result).toBe(3)
})

test('methods survive a bundle that imports none of their functions', async () => {
  const { result } = await bundle(
    'methods',
    `import { ones } from '@linum/tensor'\nexport const result = ones([2, 2]).matmul(ones([2, 2])).sum().item()\n`,
  )
  expect(result).toBe(8)
})

/** Kilobytes of a training program: the wasm device is a third of it, and every program brings the js device too. */
const mostKilobytes = 134

test(`a training program bundles to less than ${mostKilobytes} KB gzipped and learns`, async () => {
  const { result, gzipped } = await bundle(
    'train',
    `import { Linear, Optimizer, Rngs, jit, np, optim, valueAndGrad } from 'linum'
const model = new Linear(2, 1, { rngs: new Rngs(0) })
const optimizer = new Optimizer(model, optim.sgd(0.1))
const step = jit((model, optimizer, x, y) => {
  const [loss, grads] = valueAndGrad((model) => model.forward(x).sub(y).square().mean())(model)
  optimizer.update(grads)
  return loss
})
const losses = Array.from({ length: 20 }, () => step(model, optimizer, np.ones([4, 2]), np.ones([4, 1])).item())
export const result = losses.at(-1) < losses[0] / 10
`,
  )
  expect(result).toBe(true)
  expect(gzipped).toBeLessThan(mostKilobytes * 1024)
})
