/**
 * Questions of one turn of the event loop that share calls.
 *
 * @module
 */

/** Answers, one for each item, and how many entries there are. */
export interface SharedAnswers<Answer> {
  answers: readonly Answer[]
  size: number
  /** What is told beside them, whatever they are. */
  beside?: unknown
}

interface Question<Item, Answer> {
  items: readonly Item[]
  resolve: (answers: SharedAnswers<Answer>) => void
  reject: (error: unknown) => void
}

// More would keep others of the server waiting, and hardly save more.
const ITEMS_MAX = 64

let ending: (() => void)[] = []

// All in one piece of work, so that what it sends leaves together.
function afterTurn(work: () => void): void {
  ending.push(work)
  if (ending.length > 1) return
  setImmediate(() => {
    const all = ending
    ending = []
    for (const one of all) one()
  })
}

/** Puts the questions of a turn together, 64 items a call, and gives each its answers. */
export class SharedCalls<Item, Answer> {
  readonly #call: (items: readonly Item[]) => Promise<SharedAnswers<Answer>>
  #waiting: Question<Item, Answer>[] = []

  constructor(call: (items: readonly Item[]) => Promise<SharedAnswers<Answer>>) {
    this.#call = call
  }

  /** Asks about some items, all at one instant. */
  ask(items: readonly Item[]): Promise<SharedAnswers<Answer>> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) afterTurn(() => this.#askAll())
      this.#waiting.push({ items, resolve, reject })
    })
  }

  #askAll(): void {
    const waiting = this.#waiting
    this.#waiting = []
    let some: Question<Item, Answer>[] = []
    let count = 0
    for (const question of waiting) {
      if (count > 0 && count + question.items.length > ITEMS_MAX) {
        this.#askSome(some)
        some = []
        count = 0
      }
      some.push(question)
      count += question.items.length
    }
    this.#askSome(some)
  }

  async #askSome(questions: readonly Question<Item, Answer>[]): Promise<void> {
    try {
      const { answers, size, beside } = await this.#call(questions.flatMap(({ items }) => items))
      let at = 0
      for (const { items, resolve } of questions) {
        resolve({ answers: answers.slice(at, at + items.length), size, beside })
        at += items.length
      }
    } catch (error) {
      for (const { reject } of questions) reject(error)
    }
  }
}
