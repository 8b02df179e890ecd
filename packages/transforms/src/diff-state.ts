import type { Filter } from '@linum/filters'

/** Chooses what is differentiated: of one argument, the Variables that a filter takes. */
export class DiffState {
  readonly argnum: number
  readonly filter: Filter

  constructor(argnum: number, filter: Filter) {
    this.argnum = argnum
    this.filter = filter
  }
}
