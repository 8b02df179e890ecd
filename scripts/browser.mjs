// `npm run browser -- [--device gpu-webgpu|gpu-webgl2|wasm|js] [--cases n] [--full] [--seed n] [--fixtures names]
// [--verbose]`: runs the cases of the fixtures on one device in a page of headless Chromium, the gpu's on software drivers,
// and prints for each function how many checks passed, failed and were refused with a DeviceError. The exit code is 1 if a
// check failed, nothing was checked, or the gpu refused what the table of `node scripts/gpu/table.mjs` says that it does, or
// did what the table says that it refuses.
import { parseArgs } from 'node:util'
import { disagreements, readSupport } from './gpu/support.mjs'
import { devices, runFunctions } from './runtimes/functions.mjs'

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
const options = {
  cases: values.full ? null : count('cases'),
  seed: count('seed'),
  fixtures: values.fixtures === '' ? [] : values.fixtures.split(','),
}
const report = await runFunctions(values.device, options, values.full ? 3_600_000 : 600_000).catch((error) =>
  stop(error.message),
)

const rows = Object.entries(report.functions)
const total = (key) => rows.reduce((sum, [, one]) => sum + one[key], 0)
for (const [name, { passed, failed, refused }] of rows)
  console.log(`${name}: ${passed} passed, ${failed} failed, ${refused} refused`)
for (const line of report.told) if (values.verbose || line.startsWith('FAILED')) console.log(line)
const sums = `${total('passed')} passed, ${total('failed')} failed, ${total('refused')} refused`
console.log(`${values.device} in Chromium ${report.version}, ${report.description}: ${report.cases} cases, ${sums}`)
const { mode } = devices[values.device]
const wrong = mode === null ? [] : disagreements(readSupport(), mode, report.functions)
for (const line of wrong) console.log(`DISAGREES with the table of what the gpu does: ${line}`)
process.exitCode = wrong.length > 0 || total('failed') > 0 || total('passed') === 0 ? 1 : 0
