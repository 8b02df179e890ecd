// `node scripts/test.mjs [--full] [vitest arguments]`: builds, checks the types of sources, tests and README examples,
// then runs the tests; --full draws more and waits longer.
import { must, node, program } from './workspace.mjs'
import { writeExamples } from './readme.mjs'

const args = process.argv.slice(2)
const full = args.includes('--full')

process.env.LINUM_TEST = full ? 'full' : 'sample'
must(node(['scripts/build.mjs']))
writeExamples()
const types = program('tsc', ['-p', 'tsconfig.test.json'])
const tests = program('vitest', ['run', ...args.filter((arg) => arg !== '--full')])
if (types.status !== 0) console.error('test: the type check failed, see what tsc said above the tests')
must(types)
must(tests)
