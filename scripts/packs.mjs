// Tries the packages as their users get them: packs each one, checks the tarball with publint and attw, installs it with
// nothing but what it depends on into an empty folder, and there type checks and runs the example of its README.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm } from './npm.mjs'
import { examples } from './readme.mjs'
import { must, node, program, root, workspaces } from './workspace.mjs'

const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2022', 'ESNext.Disposable', 'DOM'],
  module: 'NodeNext',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  types: [],
  outDir: 'out',
}

const failures = []
const quiet = { stdio: 'pipe', encoding: 'utf8' }
const attempt = (what, { status, error, stdout, stderr }) => {
  if (error) throw error
  if (status === 0) return true
  console.error(`${stdout}${stderr}`)
  failures.push(what)
  return false
}

const writeJson = (file, value) => writeFileSync(file, JSON.stringify(value, undefined, 2))

/** Packs one package: its tarball and the paths of the files in it. */
const pack = ({ folder, manifest }, target) => {
  const options = { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }
  const { stdout } = must(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', target], folder, options))
  const [{ filename, files }] = Object.values(JSON.parse(stdout))
  return { folder, manifest, tarball: join(target, filename), files: files.map(({ path }) => path) }
}

const checkFiles = ({ manifest, files }) => {
  for (const path of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts']) {
    if (!files.includes(path)) failures.push(`${manifest.name}: the tarball lacks ${path}`)
  }
  for (const path of files) {
    if (path.endsWith('.tsbuildinfo')) failures.push(`${manifest.name}: the tarball has ${path}`)
  }
}

const checkTarball = ({ manifest, tarball }) => {
  attempt(`${manifest.name}: publint`, program('publint', ['run', tarball, '--strict'], quiet))
  const flags = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', '--no-emoji']
  attempt(`${manifest.name}: attw`, program('attw', [tarball, ...flags], quiet))
}

/** The tarballs of a package and of everything of ours that it depends on. */
const closure = (packed, name, seen = new Map()) => {
  const one = packed.get(name)
  if (!one || seen.has(name)) return seen
  seen.set(name, `file:${one.tarball}`)
  Object.keys(one.manifest.dependencies ?? {}).forEach((dependency) => closure(packed, dependency, seen))
  return seen
}

// Every public entry point must load, and the example must type check against the packed declarations and run.
const smoke = (packed, { manifest }, folder) => {
  const { name } = manifest
  mkdirSync(folder)
  const dependencies = Object.fromEntries(closure(packed, name))
  writeJson(join(folder, 'package.json'), { name: 'smoke', private: true, type: 'module', dependencies })
  const flags = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--prefer-offline',
    '--loglevel=error',
  ]
  if (!attempt(`${name}: npm install`, npm(['install', ...flags], folder, quiet))) return

  const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith('.json'))
  const imports = entries.map((entry) => `await import('${entry.replace('.', name)}')\n`).join('')
  writeFileSync(join(folder, 'entries.js'), imports)
  attempt(`${name}: import of ${entries.join(', ')}`, node(['entries.js'], { ...quiet, cwd: folder }))

  const readme = join(folder, 'node_modules', name, 'README.md')
  const [example] = existsSync(readme) ? examples(readFileSync(readme, 'utf8')) : []
  if (example === undefined) return void failures.push(`${name}: README.md has no \`\`\`ts example`)
  writeFileSync(join(folder, 'example.ts'), `${example}\nexport {}\n`)
  writeJson(join(folder, 'tsconfig.json'), { compilerOptions, files: ['example.ts'] })
  attempt(`${name}: types of the README example`, program('tsc', [], { ...quiet, cwd: folder }))
  attempt(`${name}: README example in plain Node`, node(['out/example.js'], { ...quiet, cwd: folder }))
}

must(node(['scripts/build.mjs', 'linum']))
const place = mkdtempSync(join(tmpdir(), 'linum-packs-'))
try {
  const packed = new Map(workspaces('packages').map((one) => [one.manifest.name, pack(one, place)]))
  let number = 0
  for (const [name, one] of packed) {
    console.log(`packs: ${name}, ${one.files.length} files`)
    checkFiles(one)
    checkTarball(one)
    smoke(packed, one, join(place, `smoke-${++number}`))
  }
  if (packed.size === 0) failures.push(`found no package under ${join(root, 'packages')}`)
  console.log(`packs: ${packed.size} packages packed, checked, installed and run`)
} finally {
  rmSync(place, { recursive: true, force: true })
}
for (const failure of failures) console.error(`packs: failed: ${failure}`)
process.exit(failures.length > 0 ? 1 : 0)
