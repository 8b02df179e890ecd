// `node scripts/playground.mjs [dev | build | preview] [vite arguments]`: serves the playground as it is being worked on,
// builds it into apps/playground/dist/site, or serves that.
import { must, node, program } from './workspace.mjs'

const [command = 'dev', ...args] = process.argv.slice(2)

// The page is bundled from sources; what makes its file of digits runs here.
if (command !== 'preview') must(node(['scripts/build.mjs', 'digits']))
must(program('vite', [command, 'apps/playground', ...args]))
