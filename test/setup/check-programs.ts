import { setDefaultDevice, setThreads } from '@linum/tensor'
import { checkProgram, watchPasses } from '@linum/tensor/core'

// Every program that any test compiles is well formed after every pass.
watchPasses(checkProgram)

// The runner keeps every core busy already; the full run shares the work of each test, too.
if (process.env['LINUM_TEST'] !== 'full') setThreads(1)

// Files of a worker share the library, so each starts with what a program starts with.
setDefaultDevice('wasm')
