// One first call in a process of its own: `node main.js gpt wasm`.
import { np, setDefaultDevice } from 'linum'
import { drawArrays } from '../rivals/data.js'
import { specs } from '../rivals/specs.js'
import { breakDown } from './breakdown.js'
import { prepares } from './workloads.js'

const [name, device = 'wasm'] = process.argv.slice(2)
const workload = name === 'gpt' ? 'gpt' : 'mlp'
setDefaultDevice(device)
if (device === 'wasm') np.setThreads(1)
const { params, inputs } = specs[workload]
process.stdout.write(`${JSON.stringify(breakDown(prepares[workload](drawArrays([...params, ...inputs]))))}\n`)
