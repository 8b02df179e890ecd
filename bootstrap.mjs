// Installs what a command needs, with bare Node: `node bootstrap.mjs <need>`. A folder is complete when everything that
// its package-lock.json names is in the tree that npm last finished writing; then nothing is run. No pre-scripts and no
// install scripts, so it works under `ignore-scripts=true`. The syntax stays old enough for an old Node to read the message.
import { existsSync, readFileSync } from 'fs'
import { dirname, join } from 'path'
import { fileURLToPath } from 'url'
import { npm } from './scripts/npm.mjs'

const root = dirname(fileURLToPath(import.meta.url))
const building = { folder: '.', dev: false }
const testing = { folder: '.', dev: true }
const dataset = { folder: 'apps/digits/dataset', dev: false }
const text = { folder: 'apps/examples/dataset', dev: false }
const tools = { folder: 'internal/tools', dev: false }
const needs = {
  build: [building],
  start: [building, dataset],
  example: [building, dataset, text],
  playground: [testing, dataset],
  test: [testing],
  full: [testing, dataset],
  tools: [testing, tools],
}

const stop = (message) => {
  console.error(message)
  process.exit(1)
}

const checkNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  stop(`linum needs Node 20.19 or newer, got ${process.versions.node}; install a newer Node and run the command again`)
}

const packagesOf = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {})

// What the lockfile names and the installed tree lacks. Optional packages differ by platform and follow their parents.
const missing = ({ folder, dev }) => {
  const installed = packagesOf(join(root, folder, 'node_modules', '.package-lock.json'))
  return Object.entries(packagesOf(join(root, folder, 'package-lock.json')))
    .filter(
      ([path, entry]) => path.includes('node_modules/') && !entry.optional && !entry.devOptional && !entry.extraneous,
    )
    .filter(([, entry]) => dev || !entry.dev)
    .filter(([path, entry]) => {
      const found = installed[path]
      if (!found || !existsSync(join(root, folder, path))) return true
      return found.version !== entry.version || found.integrity !== entry.integrity
    })
}

const install = (part) => {
  const lacking = missing(part).length
  if (lacking === 0) return
  const place = part.folder === '.' ? 'the workspace' : part.folder
  console.log(`Installing ${place} (${lacking} packages missing)`)
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--include=optional']
  const { status, error } = npm(
    ['ci', part.dev ? '--include=dev' : '--omit=dev'].concat(flags),
    join(root, part.folder),
  )
  if (error) stop(`bootstrap: npm did not start: ${error.message}; install npm and run the command again`)
  if (status !== 0) stop(`bootstrap: \`npm ci\` failed in ${place}; mend what it says above and run the command again`)
  const absent = missing(part).map(([path]) => path)
  if (absent.length > 0)
    stop(`bootstrap: \`npm ci\` left out ${absent.join(', ')} in ${place}; mend its package-lock.json`)
}

checkNode()
const need = process.argv[2]
if (!needs[need]) stop(`bootstrap: unknown need, got ${need}; name one of ${Object.keys(needs).join(', ')}`)
needs[need].forEach(install)
