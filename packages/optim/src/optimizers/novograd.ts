import type { ScalarOrSchedule } from '../schedules/schedule.js'
import type { GradientTransformation } from '../transformation.js'
import { type NovogradOptions, scaleByNovograd } from '../transformations/novograd.js'
import { descend } from './descend.js'

/** NovoGrad (Ginsburg et al. 2019): momentum on gradients normalized leaf by leaf. `eps` is 1e-6. Needs `params` at `update`. */
export const novograd = (
  learningRate: ScalarOrSchedule,
  { eps = 1e-6, ...options }: NovogradOptions = {},
): GradientTransformation => descend('novograd', learningRate, scaleByNovograd({ ...options, eps }))
