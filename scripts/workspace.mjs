// Where things are in this repository, and how its scripts start other programs: always a JavaScript entry point run by
// this Node, never a shell, so that every platform does the same.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))

/** Where the linters and release tools are installed, apart from what building and testing need. */
export const tools = 'internal/tools/node_modules'

const programs = {
  turbo: 'node_modules/turbo/bin/turbo',
  tsc: 'node_modules/typescript/bin/tsc',
  vite: 'node_modules/vite/bin/vite.js',
  vitest: 'node_modules/vitest/vitest.mjs',
  oxlint: `${tools}/oxlint/bin/oxlint`,
  oxfmt: `${tools}/oxfmt/bin/oxfmt`,
  knip: `${tools}/knip/bin/knip.js`,
  attw: `${tools}/@arethetypeswrong/cli/dist/index.js`,
  publint: `${tools}/publint/src/cli.js`,
  changeset: `${tools}/@changesets/cli/bin.js`,
}

/** Every package under `packages/` or `apps/`: its folder and its package.json. */
export const workspaces = (group) =>
  readdirSync(join(root, group))
    .filter((name) => existsSync(join(root, group, name, 'package.json')))
    .map((name) => ({
      name,
      folder: join(root, group, name),
      manifest: readJson(join(root, group, name, 'package.json')),
    }))

/** Runs a file with this Node; output goes to the terminal unless `options` says otherwise. */
export const node = (args, options = {}) =>
  spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', ...options })

/** Runs one of the repository's programs with this Node. */
export const program = (name, args, options) => node([join(root, programs[name]), ...args], options)

/** Ends this process with the status of a command that failed; returns the result of one that did not. */
export const must = (result) => {
  if (result.error) throw result.error
  if (result.status !== 0) process.exit(result.status ?? 1)
  return result
}
