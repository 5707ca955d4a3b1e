/**
 * The words for how often and how fast calls are made.
 *
 * @module
 */

/** How often a call was made, and how long it took. */
export interface CallMetrics {
  count: number
  /** How many of them threw or rejected. */
  errors: number
  /** Half of the calls took at most this long, milliseconds; of a change until it was durable. */
  p50Ms: number
  p95Ms: number
  p99Ms: number
}

/** The commits of this process. */
export interface CommitMetrics {
  count: number
  /** How many changes shared one: half of the commits had at most this many. */
  p50Changes: number
  p99Changes: number
  maxChanges: number
  /** How long one took until it was durable, milliseconds. */
  p50Ms: number
  p99Ms: number
}

/** What `metrics` answers. */
export interface StoreMetrics {
  /** How long it was measured, milliseconds. */
  measuredMs: number
  /** By the names of the calls, those that were made. */
  calls: Record<string, CallMetrics>
  commits: CommitMetrics
  /** Changes that were committed in a second, in the mean of the last ten. */
  updatesPerSecond: number
}
