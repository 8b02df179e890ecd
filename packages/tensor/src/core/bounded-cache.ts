/** A map that forgets its least recently used entries beyond a size. */
export class BoundedCache<K, V> {
  readonly #entries = new Map<K, V>()
  readonly #limit: number
  #misses = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** How often `make` ran. */
  get misses(): number {
    return this.#misses
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: K, make: () => V): V {
    const known = this.#entries.get(key)
    if (known !== undefined) {
      // Reinsertion keeps the map ordered by last use; only needed once it is at risk of forgetting.
      if (this.#entries.size * 2 > this.#limit) {
        this.#entries.delete(key)
        this.#entries.set(key, known)
      }
      return known
    }
    this.#misses++
    const value = make()
    this.#entries.set(key, value)
    if (this.#entries.size > this.#limit) this.#entries.delete(this.#entries.keys().next().value as K)
    return value
  }
}
