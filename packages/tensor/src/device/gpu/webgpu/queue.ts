/**
 * Work in order. A piece that has to wait for a value of the GPU yields a promise of it; what is asked for meanwhile is
 * done after it. Nothing waits otherwise: work is done as it is asked for.
 */
export class WorkQueue {
  readonly #later: (() => void)[] = []
  #blocked = false

  get blocked(): boolean {
    return this.#blocked
  }

  /** Does the work now, or when what was asked for before has been done. */
  add(work: () => Generator<Promise<unknown>, void, unknown> | void): void {
    if (this.#blocked) this.#later.push(() => this.#start(work))
    else this.#start(work)
  }

  #start(work: () => Generator<Promise<unknown>, void, unknown> | void): void {
    const steps = work()
    if (steps !== undefined) this.#advance(steps, undefined)
  }

  #advance(steps: Generator<Promise<unknown>, void, unknown>, value: unknown): void {
    const { done, value: wanted } = steps.next(value)
    if (done === true) return
    this.#blocked = true
    const resume = (next: () => void): void => {
      this.#blocked = false
      next()
      while (!this.#blocked && this.#later.length > 0) this.#later.shift()!()
    }
    wanted.then(
      (v) => resume(() => this.#advance(steps, v)),
      // The device is gone, and with it what the rest of the work was for.
      () => resume(() => steps.return()),
    )
  }
}
