// `npm run browser -- [--device gpu-webgpu|gpu-webgl2|wasm|js] [--cases n] [--full] [--seed n] [--fixtures names]
// [--verbose]`: runs the cases of the fixtures on one device in a page of headless Chromium, the gpu's on software drivers,
// and prints for each function how many checks passed, failed and were refused with a DeviceError. The exit code is 1 if a
// check failed or nothing was checked.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleProgram } from './runtimes/bundle.mjs'
import { cache } from './runtimes/install.mjs'
import { findChromium, runPage } from './runtimes/page.mjs'

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'gpu-webgpu' },
    cases: { type: 'string', default: '1000' },
    full: { type: 'boolean', default: false },
    seed: { type: 'string', default: '0' },
    fixtures: { type: 'string', default: '' },
    verbose: { type: 'boolean', default: false },
  },
})

const devices = {
  'gpu-webgpu': { device: 'gpu', mode: 'webgpu' },
  'gpu-webgl2': { device: 'gpu', mode: 'webgl2' },
  wasm: { device: 'wasm', mode: null },
  js: { device: 'js', mode: null },
}

const stop = (message) => {
  console.error(`browser: ${message}`)
  process.exit(1)
}
const count = (name) => {
  const value = Number(values[name])
  return Number.isInteger(value) && value >= 0 ? value : stop(`--${name} must be a whole number, got ${values[name]}`)
}

if (!Object.hasOwn(devices, values.device))
  stop(`--device must be one of ${Object.keys(devices).join(', ')}, got ${values.device}`)
const { path: chromium, reason } = findChromium()
if (chromium === undefined) stop(reason)
const options = {
  ...devices[values.device],
  cases: values.full ? null : count('cases'),
  seed: count('seed'),
  fixtures: values.fixtures === '' ? [] : values.fixtures.split(','),
}

mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'program-'))
const outcome = await (async () => {
  try {
    const program = await bundleProgram(folder, 'functions')
    return await runPage(
      {
        chromium,
        program,
        options,
        gpu: options.device === 'gpu' ? 'software' : 'none',
        isolated: true,
        inWorker: false,
      },
      { limit: values.full ? 3_600_000 : 600_000, onProgress: (line) => console.error(`  ${line}`) },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})()
const { report, problem } = outcome
if (problem !== undefined || report.error !== undefined) stop(problem ?? report.error)

const rows = Object.entries(report.functions)
const total = (key) => rows.reduce((sum, [, one]) => sum + one[key], 0)
for (const [name, { passed, failed, refused }] of rows)
  console.log(`${name}: ${passed} passed, ${failed} failed, ${refused} refused`)
for (const line of report.told) if (values.verbose || line.startsWith('FAILED')) console.log(line)
const sums = `${total('passed')} passed, ${total('failed')} failed, ${total('refused')} refused`
console.log(`${values.device} in Chromium ${report.version}, ${report.description}: ${report.cases} cases, ${sums}`)
process.exitCode = total('failed') > 0 || total('passed') === 0 ? 1 : 0
