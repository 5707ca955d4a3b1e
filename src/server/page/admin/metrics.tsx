/**
 * How often and how fast calls are made, as the server measures it.
 *
 * @module
 */

import type { VNode } from 'preact'
import { Refusal } from '../fields.tsx'
import { countText, durationText } from '../text.ts'
import { useAnswer } from './use-answer.ts'

interface CallJson {
  count: number
  errors: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
}

interface MetricsJson {
  measuredMs: number
  updatesPerSecond: number
  calls: Record<string, CallJson>
  commits: { count: number; p50Ms: number; p99Ms: number }
}

const LOOK_MS = 2_000

export function Metrics(): VNode {
  const { answer, problem } = useAnswer<MetricsJson>(['metrics'], { everyMs: LOOK_MS })
  return (
    <>
      <Refusal of={problem} />
      {answer !== undefined && <Measured metrics={answer} />}
    </>
  )
}

function Measured({ metrics }: { metrics: MetricsJson }): VNode {
  const { measuredMs, updatesPerSecond, calls, commits } = metrics
  const rows = Object.entries(calls).sort(([, a], [, b]) => b.count - a.count)
  return (
    <>
      <p>
        {`${countText(Math.round(updatesPerSecond))} updates a second · ${countText(commits.count)} commits, p99 ${msText(commits.p99Ms)} ms · measured for ${durationText(measuredMs)}`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keyboard too. */}
      <section class="scrolled" aria-label="Calls" tabIndex={0}>
        <table>
          <caption class="unseen">Calls, the most frequent first; times in milliseconds</caption>
          <thead>
            <tr>
              {['call', 'count', 'errors', 'p50 ms', 'p95 ms', 'p99 ms'].map((title) => (
                <th key={title} scope="col" class={title === 'call' ? '' : 'score'}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, { count, errors, p50Ms, p95Ms, p99Ms }]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="score">{countText(count)}</td>
                <td class="score">{countText(errors)}</td>
                {[p50Ms, p95Ms, p99Ms].map((ms, i) => (
                  <td key={i} class="score">
                    {msText(ms)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  )
}

function msText(ms: number): string {
  return ms < 10 ? ms.toFixed(3) : ms.toFixed(0)
}
