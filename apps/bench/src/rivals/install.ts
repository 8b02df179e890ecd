import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the rivals live: beside the package, outside of git, never in the workspace's own tree. */
export const rivalsFolder: string = fileURLToPath(new URL('../../.rivals', import.meta.url))

/** Exact versions, and the bundler that sizes are measured with: the one inside the workspace's Vite. */
export const rivalPackages: Readonly<Record<string, string>> = {
  '@jax-js/jax': '0.1.25',
  '@tensorflow/tfjs': '4.22.0',
  '@tensorflow/tfjs-backend-wasm': '4.22.0',
  rolldown: '1.2.19',
}

const installedVersion = (name: string): string | null => {
  try {
    const file = join(rivalsFolder, 'node_modules', name, 'package.json')
    return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version
  } catch {
    // Not installed, or not to the end.
    return null
  }
}

const complete = (): boolean =>
  Object.entries(rivalPackages).every(([name, version]) => installedVersion(name) === version)

const npm = (args: readonly string[]): { readonly status: number | null; readonly said: string } => {
  const cli = process.env['npm_execpath']
  const settings = { encoding: 'utf8' as const, shell: false }
  const { status, stderr, error } =
    cli !== undefined && /npm-cli\.[cm]?js$/.test(cli)
      ? spawnSync(process.execPath, [cli, ...args], settings)
      : spawnSync('npm', [...args], { ...settings, shell: process.platform === 'win32' })
  const lines = (stderr ?? '').split('\n').filter((line) => line.startsWith('npm error'))
  return { status, said: error?.message ?? lines[0]?.replace('npm error ', '') ?? `npm ended with ${status}` }
}

/** Installs the rivals where they are missing or of another version; null, or why they cannot be. */
export const installRivals = (tell: (line: string) => void): string | null => {
  if (complete()) return null
  tell(`installing ${Object.keys(rivalPackages).join(', ')} into ${rivalsFolder}`)
  mkdirSync(rivalsFolder, { recursive: true })
  const manifest = { private: true, dependencies: rivalPackages }
  writeFileSync(join(rivalsFolder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  writeFileSync(join(rivalsFolder, '.gitignore'), '*\n')
  // Scripts would download binaries; nothing here needs them.
  const { status, said } = npm([
    'install',
    '--prefix',
    rivalsFolder,
    '--workspaces=false',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--fetch-retries=1',
    '--fetch-retry-mintimeout=1000',
  ])
  if (status === 0 && complete()) return null
  return `not installed (${said}); run the command again with a network`
}
