import { control } from '../../src/device/wasm/threads/control-block.js'
import { counting, openCrew, startCrew, until } from './crew.js'

// A program for a process of its own, which has to end by itself: its arguments say what workers do when it ends, and how.
const [state, ending] = process.argv.slice(2)
const crew = state === 'starting' ? openCrew(3) : await startCrew(3)
if (state === 'spinning') crew.set(control.workerSpins, 0x7fffffff)
else crew.set(control.workerSpins, 1)
crew.pool.start()
const args = crew.allocate(4 * 64)
crew.compile(counting()).run(args, 64, 1, 1000)
if (state === 'parked') await until(() => crew.at(control.parked, 1)[0] === 2)
console.log(`${state} ${String(crew.at(args, 64).every((count) => count === 1000))}`)
if (ending === 'exit') process.exit(3)
if (ending === 'throw') throw new Error('over')
