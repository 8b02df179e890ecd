// `node scripts/gpu/table.mjs [--each n]`: runs n cases of every function on both modes of the gpu, stores what each of them
// did and refused, and writes the table of the tensor package's README from it; a test fails where that is stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runFunctions } from '../runtimes/functions.mjs'
import { readme, readmeWithTable, supportFile, supportOf } from './support.mjs'

const { values } = parseArgs({ options: { each: { type: 'string', default: '3' } } })
const each = Number(values.each)
if (!Number.isInteger(each) || each < 1) throw new RangeError(`table: --each must be a count, got ${values.each}`)

const modes = ['webgpu', 'webgl2']
const limit = 7_200_000
const [webgpu, webgl2] = await Promise.all(
  modes.map((mode) => runFunctions(`gpu-${mode}`, { cases: null, each, seed: 0, fixtures: [] }, limit)),
)
const reports = { webgpu, webgl2 }
for (const mode of modes) console.log(`${mode}: ${reports[mode].cases} cases`)
// What came out wrong is no refusal, so the table cannot tell it.
const failed = modes.flatMap((mode) =>
  reports[mode].told.filter((line) => line.startsWith('FAILED')).map((line) => `${mode} ${line}`),
)
for (const line of failed) console.log(line)
const support = supportOf(each, reports)
writeFileSync(supportFile, `${JSON.stringify(support, null, 2)}\n`)
writeFileSync(readme, readmeWithTable(readFileSync(readme, 'utf8'), support))
process.exitCode = failed.length > 0 ? 1 : 0
