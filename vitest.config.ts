import { fileURLToPath } from 'node:url'
import { defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { gpuObstacle } from './scripts/gpu/driver.mjs'

const full = process.env['LINUM_TEST'] === 'full'

const packages = ['tensor', 'autodiff', 'filters', 'graph', 'transforms', 'optim', 'nn', 'linum']

/** Why tests of the gpu cannot run here, or null. LINUM_GPU=required makes that an error. */
const obstacle = gpuObstacle()
if (obstacle !== null) {
  const told = `the tests of the gpu cannot run here: ${obstacle}`
  if (process.env['LINUM_GPU'] === 'required') throw new Error(told)
  console.warn(`Skipped: ${told}`)
}

/** Projects whose tests run built code, or none of the library's. */
const unchecked = new Set(['filters', 'bundle', 'property', 'docs'])

const project = (name: string, directory: string, settings: { readonly isolate?: boolean } = {}) => ({
  extends: true as const,
  test: {
    name,
    ...settings,
    include: [`${directory}/**/*.test.ts`],
    exclude: ['{packages,apps}/*/test/gpu.test.ts', 'packages/tensor/test/gpu/**'],
    ...(unchecked.has(name) ? {} : { setupFiles: ['./test/setup/check-programs.ts'] }),
    benchmark: { include: [`${directory}/**/*.bench.ts`] },
  },
})

// What is held against the reference on all devices, once more on the gpu, and what only the gpu has.
const gpu = {
  extends: true as const,
  test: {
    name: 'gpu',
    env: { LINUM_PARITY: 'gpu' },
    include: [
      'packages/*/test/parity*.test.ts',
      'packages/tensor/test/gpu/**/*.test.ts',
      '{packages,apps}/*/test/gpu.test.ts',
    ],
    exclude: [
      'packages/*/test/parity-{coverage,reader}.test.ts',
      // A hundred steps of training, each operation alone; gpu.test.ts trains, too.
      ...(full ? [] : ['packages/linum/test/parity.test.ts']),
    ],
    setupFiles: ['./test/setup/check-programs.ts', './test/setup/open-gpu.ts'],
  },
}

// One project for all type tests: each project with type tests starts a type checker of its own.
const types = {
  extends: true as const,
  test: {
    name: 'types',
    include: [],
    typecheck: {
      enabled: true,
      only: true,
      checker: 'tsc',
      include: ['{packages,apps}/*/test/**/*.test-d.ts'],
      tsconfig: './tsconfig.test.json',
    },
  },
}

export default defineConfig({
  resolve: {
    conditions: ['linum-source'],
    alias: { '@fast-check/vitest': fileURLToPath(new URL('test/property/property.ts', import.meta.url)) },
  },
  ssr: { resolve: { conditions: ['linum-source', ...defaultServerConditions] } },
  test: {
    silent: 'passed-only',
    // Far above what any test takes: machines that run this are shared.
    testTimeout: full ? 600_000 : 180_000,
    // Files of a worker share their modules: loading the library anew for each takes longer than most tests.
    isolate: false,
    // By default one core stays free: on two, half the machine.
    maxWorkers: '100%',
    projects: [
      ...packages.map((name) => project(name, `packages/${name}/test`)),
      // Its tests put a failing file system in the place of the real one.
      project('digits', 'apps/digits/test', { isolate: true }),
      project('examples', 'apps/examples/test'),
      project('playground', 'apps/playground/test'),
      project('bench', 'apps/bench/test'),
      project('docs', 'test/docs'),
      project('bundle', 'test/bundle'),
      project('property', 'test/property'),
      project('runtimes', 'test/runtimes'),
      ...(obstacle === null ? [gpu] : []),
      types,
    ],
  },
})
