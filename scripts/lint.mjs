// Lints every file with the rules of .oxlintrc.json, checks the formatting, and finds imports that no package.json declares.
// The rules that need types read the packages' built declarations, so it builds first.
import { join } from 'node:path'
import { must, node, program, root, tools } from './workspace.mjs'

const native = `${process.platform}-${process.arch}/tsgolint${process.platform === 'win32' ? '.exe' : ''}`

process.env.OXLINT_TSGOLINT_PATH = join(root, tools, '@oxlint-tsgolint', native)
must(node(['scripts/build.mjs']))
const results = [
  program('oxlint', ['--type-aware', '--report-unused-disable-directives']),
  program('oxfmt', ['--check']),
  program('knip', ['--config', 'internal/tools/knip.json', '--no-config-hints']),
]
results.forEach(must)
