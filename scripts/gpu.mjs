// `npm run gpu [-- --install]`: says whether the tests of the gpu can run here: a driver for WebGPU in Node, and a
// Chromium. With --install, what is missing is installed where that can be done: as root on Debian.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { probeGpu } from './gpu/driver.mjs'
import { findChromium } from './runtimes/page.mjs'

const { values } = parseArgs({ options: { install: { type: 'boolean', default: false } } })

/** What the tests need, and how to look for it. */
const needs = [
  { name: 'WebGPU in Node', look: probeGpu },
  {
    name: 'Chromium',
    look: () => {
      const { path, reason } = findChromium()
      return path === undefined ? { reason } : { found: path }
    },
  },
]

const look = () => needs.map(({ name, look: at }) => ({ name, ...at() }))
const missing = (all) => all.filter(({ reason }) => reason !== undefined)

/** Chromium brings a software driver for Vulkan; its loader is a package of its own. */
const packages = ['chromium', 'chromium-common', 'libvulkan1']

const command = `apt-get update && apt-get install ${packages.join(' ')}`

const run = (args) => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, error } = spawnSync('apt-get', args, { stdio: ['ignore', 'inherit', 'inherit'], env })
  if (error) console.error(`gpu: apt-get did not start: ${error.message}`)
  return !error && status === 0
}

/** Why nothing can be installed here, or null. */
const obstacle = () => {
  if (!existsSync('/etc/debian_version')) return 'only on Debian is it known how'
  return process.getuid?.() === 0 ? null : 'only root may install'
}

let found = look()
if (missing(found).length > 0 && values.install) {
  const reason = obstacle()
  if (reason !== null) console.error(`gpu: nothing was installed: ${reason}`)
  else if (run(['-qq', 'update']) && run(['-qq', '-y', '--no-install-recommends', 'install', ...packages]))
    found = look()
}
for (const one of found) console.log(`${one.name}: ${one.found ?? `missing, ${one.reason}`}`)
if (missing(found).length > 0) {
  console.error(`gpu: install what is missing; on Debian, as root: ${command}`)
  process.exitCode = 1
}
