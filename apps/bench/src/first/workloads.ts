import { prepareGpt } from '../rivals/linum/gpt.js'
import { prepareMlp } from '../rivals/linum/mlp.js'
import type { Prepare } from '../rivals/serve.js'

/** The training steps whose first calls are taken apart. */
export const prepares: Readonly<Record<'mlp' | 'gpt', Prepare>> = { mlp: prepareMlp, gpt: prepareGpt }
