// Answers for linum: `node main.js --device wasm --threads 2`.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { np, setDefaultDevice } from 'linum'
import { serve } from '../serve.js'

const { values } = parseArgs({
  options: { device: { type: 'string' }, threads: { type: 'string' } },
})
if (values.device !== undefined) setDefaultDevice(values.device)
if (values.threads !== undefined) np.setThreads(Number(values.threads))

const { version } = JSON.parse(readFileSync(new URL(import.meta.resolve('linum/package.json')), 'utf8')) as {
  readonly version: string
}
await serve({
  version,
  workloads: {
    mlp: async () => (await import('./mlp.js')).prepareMlp,
    cnn: async () => (await import('./cnn.js')).prepareCnn,
    gpt: async () => (await import('./gpt.js')).prepareGpt,
    inference: async () => (await import('./mlp.js')).prepareInference,
    elementwise: async () => (await import('./operations.js')).prepareElementwise,
    matmul: async () => (await import('./operations.js')).prepareMatmul,
    tiny: async () => (await import('./tiny.js')).prepareTiny,
  },
})
