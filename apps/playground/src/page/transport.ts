import { find } from './find.js'

/** What a training is doing: it is being set up, or it can be told. */
export type Standing = 'busy' | 'paused' | 'running'

/** The buttons of a training. */
export interface Transport {
  readonly show: (standing: Standing) => void
}

export interface TransportActions {
  readonly run: () => void
  readonly pause: () => void
  readonly step: () => void
  readonly reset: () => void
}

/** Train and pause are one button. */
export const makeTransport = ({ run, pause, step, reset }: TransportActions): Transport => {
  const train = find('train', HTMLButtonElement)
  const [stepButton, resetButton] = [find('step', HTMLButtonElement), find('reset', HTMLButtonElement)]
  const label = find('train-label', HTMLElement)
  let now: Standing = 'busy'
  train.addEventListener('click', () => (now === 'running' ? pause() : run()))
  stepButton.addEventListener('click', step)
  resetButton.addEventListener('click', reset)
  return {
    show: (standing) => {
      now = standing
      label.textContent = standing === 'running' ? 'Pause' : 'Train'
      train.classList.toggle('running', standing === 'running')
      train.disabled = standing === 'busy'
      stepButton.disabled = standing === 'busy'
      resetButton.disabled = standing === 'busy'
    },
  }
}
