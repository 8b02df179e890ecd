// Mends what the linter can mend safely and formats every TypeScript and JavaScript file in place.
import { must, program } from './workspace.mjs'

program('oxlint', ['--fix', '--quiet'], { stdio: 'ignore' })
must(program('oxfmt', []))
