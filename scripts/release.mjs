// `node scripts/release.mjs [--dry-run] [--tested]`: builds, tests, and publishes what npm does not have yet.
// --dry-run changes nothing anywhere: it tries the next versions in a copy and packs what would be sent.
// --tested says that the tests have just passed in this very tree.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npm } from './npm.mjs'
import { must, node, program, readJson, root, workspaces } from './workspace.mjs'

const args = process.argv.slice(2)

const stop = (message) => {
  console.error(`release: ${message}`)
  process.exit(1)
}

const waiting = () =>
  readdirSync(join(root, '.changeset')).filter((file) => file.endsWith('.md') && file !== 'README.md')

// What npm refuses at the last moment, or never: better known before the tests run.
const checkManifests = () => {
  const packages = workspaces('packages').map(({ manifest }) => manifest)
  if (packages.length === 0) stop('found no package to publish')
  const versions = new Set(packages.map(({ version }) => version))
  if (versions.size !== 1)
    stop(`all packages share one version, got ${[...versions].join(', ')}; run \`npm run versions\``)
  for (const { name, license, publishConfig } of packages) {
    const ready = license === 'MIT' && publishConfig?.access === 'public' && publishConfig.provenance === true
    if (!ready) stop(`${name}: package.json needs the license MIT and publishConfig with public access and provenance`)
  }
}

// Changesets reads and writes package.json files only, so a copy of those shows what `npm run versions` would do.
const tryVersions = () => {
  const copy = mkdtempSync(join(tmpdir(), 'linum-release-'))
  try {
    for (const path of ['package.json', 'package-lock.json', '.changeset']) {
      cpSync(join(root, path), join(copy, path), { recursive: true })
    }
    for (const group of ['packages', 'apps']) {
      for (const { name } of workspaces(group)) {
        mkdirSync(join(copy, group, name), { recursive: true })
        cpSync(join(root, group, name, 'package.json'), join(copy, group, name, 'package.json'))
      }
    }
    must(program('changeset', ['version'], { cwd: copy, stdio: ['ignore', 'ignore', 'inherit'] }))
    const versions = workspaces('packages').map(({ name, manifest }) => {
      const next = readJson(join(copy, 'packages', name, 'package.json')).version
      return `${manifest.name} ${manifest.version} -> ${next}`
    })
    console.log(`release: next versions\n  ${versions.join('\n  ')}`)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

// --force leaves out npm's question whether this version exists already: a dry run needs no registry.
const dryRun = () => {
  tryVersions()
  for (const { folder, manifest } of workspaces('packages')) {
    const options = { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' }
    const flags = ['--dry-run', '--force', '--json', '--ignore-scripts']
    const { status, stdout, stderr } = npm(['publish', ...flags], folder, options)
    if (status !== 0) stop(`npm publish --dry-run failed for ${manifest.name}:\n${stdout}${stderr}`)
    const report = JSON.parse(stdout)
    const { id, entryCount, size } = report[manifest.name] ?? report
    console.log(`release: would publish ${id}, ${entryCount} files, ${size} bytes`)
  }
}

// npm's provenance ties a package to the public repository that built it, which only the workflow knows.
const writeRepository = () => {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env
  if (!server || !repository) stop('provenance is made by the release workflow on GitHub; outside of it, add --dry-run')
  for (const { name, folder, manifest } of workspaces('packages')) {
    const where = { type: 'git', url: `git+${server}/${repository}.git`, directory: `packages/${name}` }
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ ...manifest, repository: where }, undefined, 2)}\n`)
  }
}

const publish = () => {
  if (waiting().length > 0)
    stop(`changesets are waiting (${waiting().join(', ')}); run \`npm run versions\` and commit first`)
  writeRepository()
  must(program('changeset', ['publish']))
}

checkManifests()
if (args.includes('--tested')) must(node(['scripts/build.mjs']))
else for (const script of ['test.mjs', 'layers.mjs', 'packs.mjs']) must(node([`scripts/${script}`]))
if (args.includes('--dry-run')) dryRun()
else publish()
