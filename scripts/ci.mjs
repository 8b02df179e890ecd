// Everything that must hold before a change lands. Each step is a command that anyone can run alone; a failed step does not
// keep the later ones from running. At the end stand the tests that failed, and as the last line the count of the full
// run, from the runner's own report.
import { existsSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { npm } from './npm.mjs'
import { readJson, root } from './workspace.mjs'

const report = '.cache/test-report.json'
const sampleReport = '.cache/sample-report.json'

const reporting = (file) => ['--', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]

const steps = [
  ['run', 'gpu', '--', '--install'],
  ['test', ...reporting(sampleReport)],
  ['run', 'test:full', ...reporting(report)],
  ['run', 'browser', '--', '--device', 'gpu-webgpu', '--cases', '300'],
  ['run', 'browser', '--', '--device', 'gpu-webgl2', '--cases', '150'],
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

const reported = (file) => (existsSync(join(root, file)) ? readJson(join(root, file)) : null)

// A file that fails before its first test, such as one that cannot be imported, counts as one failure.
const isBroken = ({ status, assertionResults }) =>
  status === 'failed' && assertionResults.every((one) => one.status !== 'failed')

const counts = () => {
  const full = reported(report)
  if (full === null) return { passed: 0, failed: 0, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = full
  return {
    passed: numPassedTests,
    failed: numFailedTests + testResults.filter(isBroken).length,
    skipped: numPendingTests + numTodoTests,
  }
}

/** What failed in a run, with the start of its message. */
const failures = (file) => {
  const run = reported(file)
  if (run === null) return [`${file}: no report`]
  return run.testResults.flatMap((suite) => {
    const name = relative(root, suite.name)
    const start = (text) => String(text).slice(0, 1000)
    if (isBroken(suite)) return [`${name}\n${start(suite.message)}`]
    return suite.assertionResults
      .filter((one) => one.status === 'failed')
      .map((one) => `${name}: ${one.fullName}\n${start(one.failureMessages.join('\n'))}`)
  })
}

process.env.CI = 'true'
// Nothing may be left out for want of a driver.
process.env.LINUM_GPU = 'required'
for (const file of [report, sampleReport]) rmSync(join(root, file), { force: true })
const results = steps.map(perform)
const { passed, failed, skipped } = counts()
// A test step that failed is told by the tests that failed in it, if the report has any.
const isTest = ({ args }) => args.some((arg) => arg.startsWith('test'))
const failedSteps = results.filter((one) => !one.passed && !(isTest(one) && failed > 0)).length
for (const one of results) {
  if (one.passed || !isTest(one)) continue
  for (const text of failures(one.args[0] === 'test' ? sampleReport : report)) console.log(`\nfailed: ${text}`)
}

console.log(`\n${results.map(({ line }) => line).join('\n')}`)
if (passed === 0) console.log('FAILED  no test passed: the full run left no report, or an empty one')
const total = failed + failedSteps + (passed === 0 ? 1 : 0)
console.log(`${passed} passed, ${total} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(total === 0 ? 0 : 1)
