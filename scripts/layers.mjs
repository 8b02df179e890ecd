// Proves the layer rules. The table below says what each package may import; .oxlintrc.json enforces it on every file.
// Here both are held against each other: a tree of planted files, one import each, is linted with the same configuration,
// and exactly the forbidden ones must be found. Then the real tree is linted, and every source file must have been seen.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { must, program, readJson, root, workspaces } from './workspace.mjs'

const mayImport = {
  tensor: [],
  autodiff: ['tensor'],
  filters: ['fp-ts'],
  graph: ['filters', 'tensor', 'fp-ts', 'immer'],
  transforms: ['graph', 'filters', 'autodiff', 'tensor'],
  optim: ['graph', 'filters', 'autodiff', 'tensor', 'fp-ts'],
  nn: ['graph', 'transforms', 'autodiff', 'tensor'],
  linum: ['tensor', 'autodiff', 'filters', 'graph', 'transforms', 'optim', 'nn'],
}
const packages = Object.keys(mayImport)
const nameOf = (folder) => (folder === 'linum' ? 'linum' : `@linum/${folder}`)

const imports = 'eslint(no-restricted-imports)'
const globals = 'eslint(no-restricted-globals)'

const forms = (specifier) => [
  `import { x } from '${specifier}'\nx()\n`,
  `import type { X } from '${specifier}'\nexport type Y = X\n`,
  `export * from '${specifier}'\n`,
  `export const x = await import('${specifier}')\n`,
]

// One planted file: where, its text, and the rule that must find it (none: it must pass).
const planted = [
  ...packages.flatMap((from) => {
    const allows = (what) => mayImport[from].includes(what)
    const specifiers = [
      ...packages.map((to) => ({ specifier: nameOf(to), allowed: allows(to) })),
      { specifier: '@linum/tensor/core', allowed: allows('tensor') },
      { specifier: '@linum/tensor/src/index.js', allowed: false },
      { specifier: '../../../filters/src/index.js', allowed: false },
      { specifier: '../../../../packages/filters/src/index.js', allowed: false },
      { specifier: '../beside.js', allowed: true },
      { specifier: 'immer', allowed: allows('immer') },
      { specifier: 'fp-ts', allowed: false },
      { specifier: 'fp-ts/lib/Option.js', allowed: false },
      { specifier: '#fp/Option', allowed: false },
      { specifier: 'node:fs', allowed: false },
      { specifier: 'fs', allowed: false },
      { specifier: 'left-pad', allowed: false },
    ]
    const files = specifiers.flatMap(({ specifier, allowed }, index) =>
      forms(specifier).map((text, form) => ({
        file: `packages/${from}/src/planted/import-${index}-${form}.ts`,
        text,
        rule: allowed ? undefined : imports,
      })),
    )
    const door = {
      file: `packages/${from}/src/fp.ts`,
      text: forms('#fp/Option')[0],
      rule: allows('fp-ts') ? undefined : imports,
    }
    return [...files, door]
  }),
  { file: 'packages/tensor/src/platform/node/files.ts', text: `import { x } from 'node:fs'\nx(process, Buffer)\n` },
  { file: 'packages/tensor/src/platform/node/layer.ts', text: forms('@linum/nn')[0], rule: imports },
  {
    file: 'packages/tensor/src/cycle/one.ts',
    text: `import { two } from './two.js'\nexport const one = () => two()\n`,
    rule: 'import(no-cycle)',
  },
  {
    file: 'packages/tensor/src/cycle/two.ts',
    text: `import { one } from './one.js'\nexport const two = () => one()\n`,
    rule: 'import(no-cycle)',
  },
  { file: 'packages/nn/src/globals/process.ts', text: `export const x = process.env\n`, rule: globals },
  { file: 'packages/nn/src/globals/buffer.ts', text: `export const x = Buffer.from('')\n`, rule: globals },
  { file: 'packages/nn/src/style/default.ts', text: `export default 1\n`, rule: 'import(no-default-export)' },
  { file: 'packages/nn/src/style/any.ts', text: `export const x: any = 1\n`, rule: 'typescript(no-explicit-any)' },
  {
    file: 'packages/nn/src/style/long.ts',
    text: `export const x = [\n${'  1,\n'.repeat(400)}]\n`,
    rule: 'eslint(max-lines)',
  },
  { file: 'packages/nn/test/own.test.ts', text: forms('../src/index.js')[0] },
  { file: 'packages/nn/test/other.test.ts', text: forms('../../tensor/src/index.js')[0], rule: imports },
  { file: 'apps/digits/src/by-name.ts', text: forms('linum')[0] },
  { file: 'apps/digits/src/by-path.ts', text: forms('../../../packages/nn/src/index.js')[0], rule: imports },
]

const failures = []
const expect = (holds, message) => {
  if (!holds) failures.push(message)
}

/** Lints a tree and returns how many files were seen and which rules found what, as `file rule`. */
const lint = (cwd) => {
  const { stdout, stderr, error } = program('oxlint', ['--format=json', '--no-ignore', 'packages', 'apps'], {
    cwd,
    stdio: 'pipe',
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (error) throw error
  if (!stdout.startsWith('{')) throw new Error(`layers: oxlint gave no report, got ${stdout}${stderr}`)
  const { diagnostics, number_of_files: files } = JSON.parse(stdout)
  const found = diagnostics.map((one) => `${one.filename.replaceAll('\\', '/')} ${one.code}`)
  return { files, found: new Set(found) }
}

const provePlanted = () => {
  const folder = mkdtempSync(join(tmpdir(), 'linum-layers-'))
  try {
    cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
    for (const { file, text } of planted) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
    const { files, found } = lint(folder)
    expect(files === planted.length, `planted ${planted.length} files, oxlint saw ${files}`)
    const rules = new Set(planted.flatMap(({ rule }) => (rule ? [rule] : [])))
    for (const { file, text, rule } of planted) {
      if (rule)
        expect(found.has(`${file} ${rule}`), `${file} must be found by ${rule}, and was not: ${text.split('\n')[0]}`)
      for (const other of rules) {
        if (other !== rule)
          expect(!found.has(`${file} ${other}`), `${file} must pass ${other}, and did not: ${text.split('\n')[0]}`)
      }
    }
    const forbidden = planted.filter(({ rule }) => rule).length
    console.log(`layers: ${forbidden} planted violations found, ${planted.length - forbidden} permitted imports passed`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const sources = (folder) =>
  !existsSync(folder)
    ? []
    : readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.ts'))
        .map((path) => relative(root, join(folder, path)))

const grabBag = /(^|[\\/])(utils?|helpers?|common|misc|types)\.ts$/

const proveTree = () => {
  const seen = workspaces('packages').map(({ name, folder }) => ({ name, files: sources(join(folder, 'src')) }))
  for (const { name, files } of seen) {
    expect(name in mayImport, `packages/${name} is missing from the table of scripts/layers.mjs`)
    expect(files.length > 0, `packages/${name}/src has no TypeScript file`)
    for (const file of files) expect(!grabBag.test(file), `${file}: a file is one concept; name it after that`)
  }
  const { files, found } = lint(root)
  const total = seen.flatMap((one) => one.files).length
  expect(total > 0 && files >= total, `oxlint saw ${files} files, fewer than the ${total} under packages/*/src`)
  for (const one of found) expect(!/(no-restricted-(imports|globals)|no-cycle)\)$/.test(one), one)
  console.log(`layers: ${files} files checked`)
}

// What package.json declares must be in the table too, and what tsc builds first must be what package.json declares.
const proveManifests = () => {
  for (const { name, folder, manifest } of workspaces('packages')) {
    const declared = Object.keys(manifest.dependencies ?? {})
    const permitted = new Set((mayImport[name] ?? []).map((one) => (packages.includes(one) ? nameOf(one) : one)))
    for (const one of declared)
      expect(permitted.has(one), `packages/${name}/package.json depends on ${one}, which it may not import`)
    const references = (readJson(join(folder, 'tsconfig.json')).references ?? []).map(({ path }) =>
      nameOf(path.replace('../', '')),
    )
    const ours = declared.filter((one) => one === 'linum' || one.startsWith('@linum/'))
    expect(
      references.toSorted().join() === ours.toSorted().join(),
      `packages/${name}: tsconfig.json references [${references}], package.json depends on [${ours}]`,
    )
  }
}

must(program('oxlint', ['--version'], { stdio: 'ignore' }))
provePlanted()
proveTree()
proveManifests()
for (const failure of failures) console.error(`layers: ${failure}`)
process.exit(failures.length > 0 ? 1 : 0)
