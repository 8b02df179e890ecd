// Runs the cases of the fixtures on one device in a page of headless Chromium.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundleProgram } from './bundle.mjs'
import { cache } from './install.mjs'
import { findChromium, runPage } from './page.mjs'

/** The devices by the names that scripts call them. */
export const devices = {
  'gpu-webgpu': { device: 'gpu', mode: 'webgpu' },
  'gpu-webgl2': { device: 'gpu', mode: 'webgl2' },
  wasm: { device: 'wasm', mode: null },
  js: { device: 'js', mode: null },
}

/** The report of a run, counted by function, the gpu's on software drivers; throws where there is none within `limit` ms. */
export const runFunctions = async (name, options, limit) => {
  const { path: chromium, reason } = findChromium()
  if (chromium === undefined) throw new Error(reason)
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'program-'))
  try {
    const program = await bundleProgram(folder, 'functions')
    const { report, problem } = await runPage(
      {
        chromium,
        program,
        options: { ...devices[name], ...options },
        gpu: devices[name].device === 'gpu' ? 'software' : 'none',
        isolated: true,
        inWorker: false,
      },
      { limit, onProgress: (line) => console.error(`  ${line}`) },
    )
    if (problem !== undefined || report.error !== undefined) throw new Error(problem ?? report.error)
    return report
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
