// `node scripts/build.mjs [package]`: builds everything, or one package and what it depends on.
import { must, program } from './workspace.mjs'

const [name] = process.argv.slice(2)

process.env.TURBO_TELEMETRY_DISABLED = '1'
process.env.TURBO_NO_UPDATE_NOTIFIER = '1'
must(
  program('turbo', [
    'run',
    'build',
    '--output-logs=errors-only',
    '--ui=stream',
    ...(name ? [`--filter=${name}...`] : []),
  ]),
)
