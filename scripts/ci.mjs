// Everything that must hold before a change lands. Each step is a command that anyone can run alone; a failed step does not
// keep the later ones from running. The last line counts the tests of the full run, from the runner's own report.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { npm } from './npm.mjs'
import { readJson, root } from './workspace.mjs'

const report = '.cache/test-report.json'

const steps = [
  ['test'],
  ['run', 'test:full', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ['run', 'lint'],
  ['run', 'layers'],
  ['run', 'packs'],
  ['run', 'release', '--', '--dry-run', '--tested'],
]

/** Runs one step and returns the line that says how it went. */
const perform = (args) => {
  const name = `npm ${args.join(' ')}`
  console.log(`\n=== ${name}`)
  const start = performance.now()
  const { status, error } = npm(args, root, { stdio: ['ignore', 'inherit', 'inherit'] })
  const passed = !error && status === 0
  const seconds = Math.round((performance.now() - start) / 1000)
  return {
    args,
    passed,
    line: `${passed ? 'passed' : 'FAILED'}  ${seconds} s  ${name}${error ? ` (${error.message})` : ''}`,
  }
}

// A file that fails before its first test, such as one that cannot be imported, counts as one failure.
const counts = () => {
  if (!existsSync(join(root, report))) return { passed: 0, failed: 0, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = readJson(join(root, report))
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((one) => one.status !== 'failed'),
  )
  return { passed: numPassedTests, failed: numFailedTests + broken.length, skipped: numPendingTests + numTodoTests }
}

process.env.CI = 'true'
rmSync(join(root, report), { force: true })
const results = steps.map(perform)
const { passed, failed, skipped } = counts()
// A test step that failed is told by the tests that failed in it, if the report has any.
const isTest = ({ args }) => args.some((arg) => arg.startsWith('test'))
const failedSteps = results.filter((one) => !one.passed && !(isTest(one) && failed > 0)).length

console.log(`\n${results.map(({ line }) => line).join('\n')}`)
if (passed === 0) console.log('FAILED  no test passed: the full run left no report, or an empty one')
const failures = failed + failedSteps + (passed === 0 ? 1 : 0)
console.log(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(failures === 0 ? 0 : 1)
