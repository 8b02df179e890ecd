// `node scripts/gpu/table.mjs [--each n]`: runs n cases of every function on both modes of the gpu, stores what each of them
// did and refused, and writes the table of the tensor package's README from it; a test fails where that is stale.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runFunctions } from '../runtimes/functions.mjs'
import { readme, readmeWithTable, supportFile, supportOf } from './support.mjs'

const { values } = parseArgs({ options: { each: { type: 'string', default: '3' } } })
const each = Number(values.each)
if (!Number.isInteger(each) || each < 1) throw new RangeError(`table: --each must be a count, got ${values.each}`)

const hour = 3_600_000
const run = async (mode) => {
  const report = await runFunctions(`gpu-${mode}`, { cases: null, each, seed: 0, fixtures: [] }, 2 * hour)
  const failed = report.told.filter((line) => line.startsWith('FAILED'))
  if (failed.length > 0) throw new Error(`table: ${mode} computed something wrong:\n${failed.join('\n')}`)
  return report
}

const [webgpu, webgl2] = await Promise.all(['webgpu', 'webgl2'].map(run))
const support = supportOf(each, { webgpu, webgl2 })
writeFileSync(supportFile, `${JSON.stringify(support, null, 2)}\n`)
writeFileSync(readme, readmeWithTable(readFileSync(readme, 'utf8'), support))
for (const [mode, { cases }] of Object.entries({ webgpu, webgl2 })) console.log(`${mode}: ${cases} cases`)
