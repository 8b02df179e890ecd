// Answers for TensorFlow.js on its wasm backend.
import { dirname, join } from 'node:path'
import { serve } from '../../dist/rivals/serve.js'
import { requireRival, versionOf } from '../installed.mjs'

const tf = requireRival('@tensorflow/tfjs')
const wasm = requireRival('@tensorflow/tfjs-backend-wasm')
wasm.setWasmPaths(join(dirname(requireRival.resolve('@tensorflow/tfjs-backend-wasm')), '/'))
tf.enableProdMode()
await tf.setBackend('wasm')

const { workloads } = await import('./workloads.mjs')
await serve({ version: versionOf('@tensorflow/tfjs'), workloads: workloads(tf) })
