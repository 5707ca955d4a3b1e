/**
 * Measures the calls and commits of one store from what is published of them.
 *
 * @module
 */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import {
  CALL_CHANNEL,
  type CallMessage,
  COMMIT_CHANNEL,
  type CommitMessage,
} from '../ground/channels.ts'
import type { CallMetrics, StoreMetrics } from '../words/index.ts'

/** Seconds over which updates are counted. */
const RATE_SECONDS = 10
const NS = 1e6

interface Measured {
  errors: number
  ns: RecordableHistogram
}

/** The measures of one store. */
export class StoreMeasures {
  readonly #store: string
  readonly #startMs = performance.now()
  readonly #calls = new Map<string, Measured>()
  readonly #commitNs = createHistogram()
  readonly #commitChanges = createHistogram()
  /** Changes by seconds, the newest last; each with the number of its second. */
  #rates: { second: number; changes: number }[] = []

  /** `store` is how messages name it. */
  constructor(store: string) {
    this.#store = store
    subscribe(CALL_CHANNEL.name, this.#onCall)
    subscribe(COMMIT_CHANNEL.name, this.#onCommit)
  }

  end(): void {
    unsubscribe(CALL_CHANNEL.name, this.#onCall)
    unsubscribe(COMMIT_CHANNEL.name, this.#onCommit)
  }

  get answer(): StoreMetrics {
    const now = performance.now()
    const calls = [...this.#calls].map(([name, measured]) => [name, callMetrics(measured)] as const)
    return {
      measuredMs: now - this.#startMs,
      calls: Object.fromEntries(calls),
      commits: {
        count: this.#commitNs.count,
        p50Changes: percentile(this.#commitChanges, 50),
        p99Changes: percentile(this.#commitChanges, 99),
        maxChanges: this.#commitChanges.count === 0 ? 0 : this.#commitChanges.max,
        p50Ms: percentile(this.#commitNs, 50) / NS,
        p99Ms: percentile(this.#commitNs, 99) / NS,
      },
      updatesPerSecond: this.#rate(Math.floor(now / 1000)),
    }
  }

  readonly #onCall = (message: unknown): void => {
    const { store, call, ms, error } = message as CallMessage
    if (store !== this.#store) return
    let measured = this.#calls.get(call)
    if (measured === undefined) {
      measured = { errors: 0, ns: createHistogram() }
      this.#calls.set(call, measured)
    }
    if (error !== undefined) measured.errors++
    measured.ns.record(Math.max(1, Math.round(ms * NS)))
  }

  readonly #onCommit = (message: unknown): void => {
    const { store, changes, ms } = message as CommitMessage
    if (store !== this.#store || changes === 0) return
    this.#commitNs.record(Math.max(1, Math.round(ms * NS)))
    this.#commitChanges.record(changes)
    const second = Math.floor(performance.now() / 1000)
    const last = this.#rates.at(-1)
    if (last?.second === second) last.changes += changes
    else this.#rates.push({ second, changes })
    if (this.#rates.length > RATE_SECONDS + 1) this.#rates.shift()
  }

  // Of whole seconds: the one that is on has only begun.
  #rate(second: number): number {
    const counted = this.#rates.filter(
      (one) => one.second < second && one.second >= second - RATE_SECONDS,
    )
    return counted.reduce((sum, { changes }) => sum + changes, 0) / RATE_SECONDS
  }
}

function callMetrics({ errors, ns }: Measured): CallMetrics {
  return {
    ...{ count: ns.count, errors, p50Ms: percentile(ns, 50) / NS },
    ...{ p95Ms: percentile(ns, 95) / NS, p99Ms: percentile(ns, 99) / NS },
  }
}

function percentile(histogram: RecordableHistogram, share: number): number {
  return histogram.count === 0 ? 0 : histogram.percentile(share)
}
