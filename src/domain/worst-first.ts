/**
 * A heap that gives the worst of many keys first: that with the highest bytes.
 *
 * @module
 */

/** A key with what it stands for. */
export interface Keyed {
  readonly key: Buffer
}

/** Items by their keys, the highest first. */
export class WorstFirst<T extends Keyed> {
  readonly #items: T[] = []

  /** Cost: O(log n). */
  push(item: T): void {
    let at = this.#items.length
    this.#items.push(item)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!this.#isWorse(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  /** Returns the worst item, or undefined. */
  peek(): T | undefined {
    return this.#items[0]
  }

  /** Takes the worst item away. Cost: O(log n). */
  pop(): void {
    const last = this.#items.pop()
    if (last === undefined || this.#items.length === 0) return
    this.#items[0] = last
    for (let at = 0; ; ) {
      const child = this.#worseChild(at)
      if (child === undefined || !this.#isWorse(child, at)) return
      this.#swap(at, child)
      at = child
    }
  }

  #worseChild(at: number): number | undefined {
    const left = 2 * at + 1
    if (left >= this.#items.length) return undefined
    const right = left + 1
    return right < this.#items.length && this.#isWorse(right, left) ? right : left
  }

  #isWorse(a: number, b: number): boolean {
    return (this.#items[a] as T).key.compare((this.#items[b] as T).key) > 0
  }

  #swap(a: number, b: number): void {
    const item = this.#items[a] as T
    this.#items[a] = this.#items[b] as T
    this.#items[b] = item
  }
}
