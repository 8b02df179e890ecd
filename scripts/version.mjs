// Turns the waiting changesets into version numbers and change logs, and brings the lockfile along.
import { npm } from './npm.mjs'
import { must, program, root } from './workspace.mjs'

must(program('changeset', ['version']))
must(npm(['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'], root))
