/// <reference types="vite/types/importMeta.d.ts" />
// The program that every runtime runs: the cases of the fixtures on each device, with one thread and with several, what
// must hold of threads, and a training run. It tells how it went as JSON and must then end by itself.
import { devices, setDefaultDevice, setThreads, threads } from '@linum/tensor'
import { deliver, pause, progress, version } from './host.js'
import { type Options, readOptions } from './options.js'
import type { Failure, Part, Report } from './report.js'
import { aloneChecks, sharingChecks } from './sharing.js'
import { type Check, draw, itemsOf } from './suites.js'
import { trainingChecks } from './training.js'

const files = import.meta.glob<string>('../../packages/tensor/test/fixtures/*.json', {
  eager: true,
  query: '?raw',
  import: 'default',
})

/** Failures that are told in words; beyond, they are counted. */
const told = 30

const runPart = async (name: string, checks: readonly Check[]): Promise<Part> => {
  await progress(`${name}: ${checks.length} checks`)
  const start = performance.now()
  const failures: Failure[] = []
  let paused = start
  for (const { label, run } of checks) {
    let failure: string | null
    try {
      failure = await run()
    } catch (error) {
      failure = `threw ${String(error)}`
    }
    if (failure !== null) failures.push({ label, failure })
    if (performance.now() - paused < 50) continue
    await pause()
    paused = performance.now()
  }
  const seconds = (performance.now() - start) / 1000
  return { name, checks: checks.length, failed: failures.length, failures: failures.slice(0, told), seconds }
}

const perform = async ({ cases, seed, devices: wanted }: Options): Promise<Report> => {
  const found = devices()
  const initial = threads()
  const all = itemsOf(files)
  const items = cases === null ? all : draw(all, cases, seed)
  const checks = items.flatMap((item) => item.checks)
  const parts: Part[] = []
  // More than one even where there is one core, so that sharing is tried.
  const several = Math.max(2, initial.size)
  const sharing = initial.reason === null || initial.reason === 'there is one core here'
  for (const device of wanted) {
    setDefaultDevice(device)
    if (device !== 'wasm') {
      parts.push(await runPart(device, checks))
      continue
    }
    setThreads(1)
    parts.push(await runPart(`${device}, 1 thread`, checks))
    if (sharing) {
      setThreads(several)
      parts.push(await runPart(`${device}, ${several} threads`, checks))
    }
    parts.push(await runPart('threads', sharing ? sharingChecks(several) : aloneChecks()))
  }
  parts.push(await runPart('training', trainingChecks(wanted, sharing ? [1, several] : [1])))
  return {
    version: version(),
    devices: found,
    threads: initial,
    sharing,
    relaxed: found.some(({ description }) => description.includes('fused multiply-add')),
    cases: items.length,
    fixtures: new Set(items.map(({ fixture }) => fixture)).size,
    parts,
  }
}

let report: Report | { readonly error: string }
try {
  report = await perform(readOptions())
} catch (error) {
  report = { error: error instanceof Error ? `${error.message}\n${error.stack}` : String(error) }
}
await deliver(report)
