// `npm run runtimes -- [--full] [--cases n] [--seed n] [--devices js,wasm] [--only names]`: runs one program, the cases of
// the fixtures on each device with one thread and with several and a small training run, in every runtime that can be
// had: this Node with and without relaxed SIMD, other Nodes, Deno and Bun (installed into .cache when first needed), and
// headless Chromium (CHROMIUM=path) in an isolated page, a worker of one, and a page that is not isolated. A runtime that
// cannot be had is named with the reason; what ran and failed makes the exit code 1.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cache, provide } from './runtimes/install.mjs'
import { findChromium, runPage } from './runtimes/page.mjs'
import { runProcess } from './runtimes/process.mjs'

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    cases: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '0' },
    devices: { type: 'string', default: 'js,wasm' },
    only: { type: 'string', default: '' },
  },
})

const count = (name) => {
  const value = Number(values[name])
  if (Number.isInteger(value) && value >= 0) return value
  console.error(`runtimes: --${name} must be a whole number, got ${values[name]}`)
  process.exit(1)
}

const options = {
  cases: values.full ? null : count('cases'),
  seed: count('seed'),
  devices: values.devices.split(','),
}
const limit = values.full ? 3_600_000 : 600_000

const asProcess = (path, args = [], env = {}) => ({
  run: (program, events) =>
    runProcess({ command: path, args: [...args, program, JSON.stringify(options)], env }, events),
})
const asPage = (kind) => () => {
  const { path, reason } = findChromium()
  if (path === undefined) return { reason }
  return { run: (program, events) => runPage({ chromium: path, program, options, ...kind }, events) }
}
const installed =
  (name, major, args = []) =>
  () => {
    const { path, reason } = provide(name, major)
    return path === undefined ? { reason } : asProcess(path, args)
  }

const own = Number(process.versions.node.split('.')[0])
const others = [20, 22, 24].filter((major) => major !== own)

/** Each runtime: `get` gives a way to run the program or the reason why not; the rest is what must be found there. */
const runtimes = [
  { name: 'node', get: () => asProcess(process.execPath), sharing: true },
  {
    name: 'node-plain',
    get: () => asProcess(process.execPath, [], { LINUM_RELAXED_SIMD: '0' }),
    sharing: true,
    relaxed: false,
  },
  ...others.map((major) => ({ name: `node${major}`, get: installed('node', major), sharing: true })),
  // Without any permission: nothing that the library asks for needs one.
  { name: 'deno', get: installed('deno', 2, ['run', '--no-prompt', '--no-config']), sharing: true },
  { name: 'bun', get: installed('bun', 1), sharing: true },
  { name: 'page', get: asPage({ isolated: true, inWorker: false }), sharing: true },
  { name: 'page-worker', get: asPage({ isolated: true, inWorker: true }), sharing: true },
  { name: 'page-alone', get: asPage({ isolated: false, inWorker: false }), sharing: false },
]

const chosen = values.only === '' ? runtimes : runtimes.filter(({ name }) => values.only.split(',').includes(name))
if (chosen.length === 0) {
  console.error(`runtimes: --only names none of ${runtimes.map(({ name }) => name).join(', ')}, got ${values.only}`)
  process.exit(1)
}

/** What is wrong with an outcome, as sentences. */
const problems = ({ sharing, relaxed }, { report, problem }) => {
  if (problem !== undefined) return [problem]
  if (report.error !== undefined) return [report.error]
  const found = report.parts.flatMap(({ name, failed, failures }) => [
    ...failures.map(({ label, failure }) => `${name}: ${label}: ${failure}`),
    ...(failed > failures.length ? [`${name}: ${failed - failures.length} more`] : []),
  ])
  if (report.sharing !== sharing)
    found.push(`threads ${sharing ? 'cannot' : 'can'} share memory: ${report.threads.reason}`)
  if (relaxed !== undefined && report.relaxed !== relaxed)
    found.push(`relaxed SIMD is ${report.relaxed ? 'on' : 'off'}`)
  if (report.parts.every(({ checks }) => checks === 0)) found.push('nothing was checked')
  return found
}

const sum = (parts, key) => parts.reduce((total, part) => total + part[key], 0)

const columns = ['runtime', 'version', 'threads', 'relaxed SIMD', 'cases', 'checks', 'failures', 'seconds']
const row = (name, { report }, failures, seconds) => {
  const cells =
    report?.parts === undefined
      ? ['', '', '', '', '']
      : [report.version, report.threads.size, report.relaxed ? 'yes' : 'no', report.cases, sum(report.parts, 'checks')]
  return [name, ...cells, failures, seconds].map(String)
}

const print = (rows) => {
  const widths = columns.map((title, k) => Math.max(title.length, ...rows.map((cells) => cells[k].length)))
  for (const cells of [columns, ...rows])
    console.log(
      cells
        .map((cell, k) => cell.padEnd(widths[k]))
        .join('  ')
        .trimEnd(),
    )
}

mkdirSync(cache, { recursive: true })
const folder = mkdtempSync(join(cache, 'program-'))
const rows = []
const absent = []
let failed = 0
/** The program's path; it is bundled when the first runtime needs it. */
let bundled = null
const program = async () => {
  const { bundleProgram } = await import('./runtimes/bundle.mjs')
  bundled ??= await bundleProgram(folder)
  return bundled
}
try {
  for (const runtime of chosen) {
    const { name } = runtime
    console.error(`${name}`)
    const { run, reason } = runtime.get()
    if (run === undefined) {
      absent.push(`${name} was not run: ${reason}`)
      continue
    }
    const file = await program()
    const start = performance.now()
    const outcome = await run(file, { limit, onProgress: (line) => console.error(`  ${line}`) })
    const found = problems(runtime, outcome)
    for (const { name: device, description } of outcome.report?.devices ?? [])
      console.error(`  ${device}: ${description}`)
    for (const sentence of found) console.error(`  FAILED ${sentence}`)
    const failures = Math.max(found.length, sum(outcome.report?.parts ?? [], 'failed'))
    rows.push(row(name, outcome, failures, ((performance.now() - start) / 1000).toFixed(1)))
    failed += failures
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
print(rows)
for (const sentence of absent) console.log(sentence)
process.exitCode = failed > 0 ? 1 : 0
