// Answers for jax-js on its wasm backend.
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { serve } from '../../dist/rivals/serve.js'
import { folder, versionOf } from '../installed.mjs'

const jax = await import(pathToFileURL(join(folder, 'node_modules/@jax-js/jax/dist/index.js')).href)
await jax.init('wasm')
jax.defaultDevice('wasm')

const { workloads } = await import('./workloads.mjs')
await serve({ version: versionOf('@jax-js/jax'), workloads: workloads(jax) })
