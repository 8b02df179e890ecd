// What each mode of the gpu does: from reports of runs to the stored outcome, and from that to the README's table.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../workspace.mjs'

const folder = join(root, 'packages', 'tensor')

/** The stored outcome. */
export const supportFile = join(folder, 'test', 'gpu', 'support.json')
export const readme = join(folder, 'README.md')
export const readSupport = () => JSON.parse(readFileSync(supportFile, 'utf8'))

/** Why something is refused, beside float64, which is refused everywhere. */
const words = { values: 'needs values', routine: 'host routine', size: 'long sorts' }

/** Fixtures by what they are about; a function belongs to the first kind that has it. */
const kinds = {
  'control flow': ['control'],
  random: ['random', 'samplers', 'large-random'],
  linalg: ['linalg'],
  fft: ['fft'],
  special: ['special'],
  stats: ['stats'],
  image: ['image'],
  'order and sets': ['sort', 'sets', 'sets-eager'],
  'products, windows, signals': ['contract', 'einsum', 'conv', 'window', 'signal'],
  reductions: ['reduce', 'argreduce', 'softmax', 'statistics'],
  indexing: ['slice', 'index', 'at', 'masks', 'dynamic', 'positions', 'segments', 'advanced'],
  'creation, shape': ['create', 'shape', 'layout'],
  'elementwise, dtypes': [],
}

const byCode = (a, b) => (a < b ? -1 : a > b ? 1 : 0)

/** The name of a function in the table, from how reports name it: by fixture and function. */
const nameOf = (row) => {
  const [fixture, fn] = row.split(' ')
  if (kinds.random.includes(fixture)) return `random.${fn}`
  return fixture === 'control' ? `control.${fn}` : fn
}

/** Sums of a report's rows that are of the same function: what worked, and for which reasons what did not. */
const byFunction = (functions) => {
  const found = new Map()
  for (const [row, { worked, reasons }] of Object.entries(functions)) {
    const one = found.get(nameOf(row)) ?? { worked: 0, reasons: new Set() }
    one.worked += worked
    for (const reason of Object.keys(reasons)) one.reasons.add(reason)
    found.set(nameOf(row), one)
  }
  return found
}

/** `{ does, refuses }` of every function that refuses something beside float64. */
const refusing = (functions) => {
  const rows = [...byFunction(functions)].map(([name, { worked, reasons }]) => {
    if (worked === 0 && reasons.size === 1 && reasons.has('float64'))
      throw new Error(`support: every case of ${name} that was run is one of float64; run more of them`)
    const refuses = [...reasons].filter((reason) => reason !== 'float64').sort(byCode)
    for (const reason of refuses)
      if (!Object.hasOwn(words, reason)) throw new Error(`support: ${name} was refused for a reason that has no name`)
    return [name, { does: worked > 0 ? 'some' : 'none', refuses }]
  })
  return Object.fromEntries(rows.filter(([, { refuses }]) => refuses.length > 0).sort(([a], [b]) => byCode(a, b)))
}

const kindOf = (fixtures) =>
  Object.keys(kinds).find((kind) => kinds[kind].some((one) => fixtures.includes(one))) ?? 'elementwise, dtypes'

/** Functions by kind, from the rows of a report of which something was computed or refused. */
const functionsByKind = (functions) => {
  const fixtures = new Map()
  for (const [row, { worked, refused }] of Object.entries(functions))
    if (worked + refused > 0) fixtures.set(nameOf(row), [...(fixtures.get(nameOf(row)) ?? []), row.split(' ')[0]])
  const found = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]))
  for (const name of [...fixtures.keys()].sort(byCode)) found[kindOf(fixtures.get(name))].push(name)
  return found
}

/** What is stored, from the report of each mode: cases per function, functions by kind, and those that refuse something. */
export const supportOf = (cases, reports) => ({
  cases,
  functions: functionsByKind(reports.webgpu.functions),
  webgpu: refusing(reports.webgpu.functions),
  webgl2: refusing(reports.webgl2.functions),
})

/** Where a run on one mode went otherwise than what is stored, as sentences. */
export const disagreements = (support, mode, functions) =>
  [...byFunction(functions)].flatMap(([name, { worked, reasons }]) => {
    const stored = support[mode][name]
    const unknown = [...reasons].filter((one) => one !== 'float64' && !stored?.refuses.includes(one))
    return [
      ...unknown.map((reason) => `${mode} refused ${name} for a reason that is not in it: ${words[reason] ?? reason}`),
      ...(worked > 0 && stored?.does === 'none' ? [`${mode} does ${name}, which is refused in it`] : []),
    ]
  })

const bare = (name) => `\`${name.replace(/^(control|random|linalg|fft|special|stats|image)\./, '')}\``

/** One mode's cell of one kind. */
const cell = (names, refused) => {
  const groups = new Map()
  for (const name of names) {
    if (refused[name] === undefined) continue
    const { does, refuses } = refused[name]
    const label = `${does === 'none' ? 'not' : 'in part'} (${refuses.map((one) => words[one]).join(', ')})`
    groups.set(label, [...(groups.get(label) ?? []), bare(name)])
  }
  if (groups.size === 0) return 'all'
  const parts = [...groups].map(([label, list]) =>
    list.length === names.length ? label : `${label}: ${list.join(' ')}`,
  )
  const rest = names.filter((name) => refused[name] === undefined).length
  return rest === 0 ? parts.join('; ') : `${rest} of ${names.length}; ${parts.join('; ')}`
}

const table = ({ cases, functions, webgpu, webgl2 }) =>
  [
    `What each mode does, from running up to ${cases} cases of every function in Chromium; float64 is refused everywhere. *Needs values*: the shape of`,
    "the result depends on values, or indices have to be known, so `await` the operand's `data()` first, or give `size`. *Host routine*: code in JavaScript, for which",
    'WebGPU reads the operands back and WebGL2 refuses. *Long sorts*: lines of more elements than WebGL2 sorts.',
    '',
    '| kind | WebGPU | WebGL2 |',
    '|---|---|---|',
    ...Object.entries(functions)
      .filter(([, names]) => names.length > 0)
      .map(([kind, names]) => `| ${kind} | ${cell(names, webgpu)} | ${cell(names, webgl2)} |`),
  ].join('\n')

const [open, close] = ['<!-- gpu -->', '<!-- /gpu -->']

/** The README with the table as it should be. */
export const readmeWithTable = (text, support) => {
  const [from, to] = [text.indexOf(open), text.indexOf(close)]
  if (from < 0 || to < 0) throw new Error(`support: the README has no ${open} ... ${close}`)
  return `${text.slice(0, from + open.length)}\n${table(support)}\n${text.slice(to)}`
}
