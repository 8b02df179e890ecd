// The examples of the READMEs: every ```ts block is a program, unless its info string is `ts ignore`.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, workspaces } from './workspace.mjs'

const fence = /^```(?:ts|typescript)\b([^\n]*)\n(.*?)^```[ \t]*$/gms

/** The runnable examples of a Markdown text, in order. */
export const examples = (text) =>
  [...text.replaceAll('\r\n', '\n').matchAll(fence)]
    .filter(([, info]) => info.trim() !== 'ignore')
    .map(([, , code]) => code)

const readmes = () =>
  [{ name: 'root', folder: root, required: true }]
    .concat(workspaces('packages').map(({ name, folder }) => ({ name, folder, required: true })))
    .concat(workspaces('apps').map(({ name, folder }) => ({ name, folder, required: false })))

const examplesOf = ({ name, folder, required }) => {
  const file = join(folder, 'README.md')
  const found = existsSync(file) ? examples(readFileSync(file, 'utf8')) : []
  return {
    path: relative(root, file),
    required,
    modules: found.map((code, index) => ({ file: `${name}-${index + 1}.ts`, text: `${code}\nexport {}\n` })),
  }
}

// Only what changed is written, since a type checker may be reading these files at the same time.
const writeChanged = (file, text) => {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}

/** Writes every example as a TypeScript module under `.cache/readme`, and returns their URLs. */
export const writeExamples = () => {
  const cache = join(root, '.cache', 'readme')
  mkdirSync(cache, { recursive: true })
  const found = readmes().map(examplesOf)
  const current = new Set(found.flatMap(({ modules }) => modules.map(({ file }) => file)))
  readdirSync(cache)
    .filter((file) => !current.has(file))
    .forEach((file) => rmSync(join(cache, file)))
  return found.map(({ path, required, modules }) => ({
    path,
    required,
    modules: modules.map(({ file, text }) => {
      writeChanged(join(cache, file), text)
      return pathToFileURL(join(cache, file)).href
    }),
  }))
}
