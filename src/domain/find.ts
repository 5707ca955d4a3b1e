/**
 * Finding players by what is shown of them: names are compared without case and as Unicode says that they
 * are the same text, from their beginning on.
 *
 * @module
 */

/** Some entries that were found: those of this very name first, each kind in the order of coming. */
export class NameSearch<T extends { name: string }> {
  readonly #folded: string
  readonly #limit: number
  readonly #equal: T[] = []
  readonly #longer: T[] = []

  constructor(name: string, limit: number) {
    this.#folded = foldName(name)
    this.#limit = limit
  }

  /** Whether no entry that comes later can be among those found. */
  get isFull(): boolean {
    return this.#equal.length === this.#limit
  }

  take(entry: T): void {
    const folded = foldName(entry.name)
    if (!folded.startsWith(this.#folded)) return
    const kind = folded.length === this.#folded.length ? this.#equal : this.#longer
    if (kind.length < this.#limit) kind.push(entry)
  }

  found(): T[] {
    return [...this.#equal, ...this.#longer].slice(0, this.#limit)
  }
}

const ASCII = /^[\x00-\x7f]*$/

/**
 * Returns a name as it is compared: NFKC, without case. To lower and then to upper case: so `ß` and `SS`
 * are the same, and the two small sigmas.
 */
export function foldName(name: string): string {
  if (ASCII.test(name)) return name.toUpperCase()
  return name.normalize('NFKC').toLowerCase().toUpperCase().normalize('NFKC')
}
