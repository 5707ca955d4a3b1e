/**
 * The curve of a player's scores, one step for each run; the same as a list for those who do not see it.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type uPlot from 'uplot'
import type { RecordJson } from './answers.ts'
import { countText, scoreNumber, shownScore, timeText } from './text.ts'

const HEIGHT = 160
const WIDTH_LEAST = 200
const LISTED = 5
const GROUND = '#2a2a4a'
const TEXT = '#e0e0ff'
const LINE = '#00ff88'

export function Curve({ runs }: { runs: readonly RecordJson[] }): VNode | null {
  const place = useRef<HTMLDivElement>(null)
  const points = pointsOf(runs)
  const key = JSON.stringify(points)
  useEffect(() => (points[0].length < 2 ? undefined : draw(place.current, points)), [key])
  const counted = runs.filter(({ score }) => score !== undefined)
  if (counted.length === 0) return null
  return (
    <>
      <h3>History</h3>
      {points[0].length >= 2 && <div ref={place} class="curve" aria-hidden="true" />}
      <ul class="runs">
        {counted.slice(0, LISTED).map((run) => (
          <li key={run.seq}>
            {shownScore(run.score)} <span class="when">{timeText(run.at)}</span>
            {run.undone !== undefined && ' (taken back)'}
          </li>
        ))}
      </ul>
    </>
  )
}

type Points = [number[], number[]]

// Oldest first. What was taken back is no part of it.
function pointsOf(runs: readonly RecordJson[]): Points {
  const shown = runs
    .filter(({ score, undone }) => score !== undefined && undone === undefined)
    .map(({ at, score }) => [at / 1000, scoreNumber(score as never)] as const)
    .filter(([, value]) => Number.isFinite(value))
    .sort(([a], [b]) => a - b)
  return [shown.map(([at]) => at), shown.map(([, value]) => value)]
}

function draw(place: HTMLElement | null, points: Points): () => void {
  let plot: uPlot | undefined
  let isGone = place === null
  const fit = new ResizeObserver(() => plot?.setSize(sizeOf(place)))
  // Only who opens a card loads the library of curves.
  void import('uplot').then(({ default: Plot }) => {
    if (isGone || place === null) return
    plot = new Plot(optionsOf(Plot, place), points, place)
    fit.observe(place)
  })
  return () => {
    isGone = true
    fit.disconnect()
    plot?.destroy()
  }
}

function optionsOf(Plot: typeof uPlot, place: HTMLElement): uPlot.Options {
  const axis = { stroke: TEXT, grid: { stroke: GROUND }, ticks: { stroke: GROUND } }
  const stepped = Plot.paths.stepped?.({ align: 1 })
  return {
    ...sizeOf(place),
    legend: { show: false },
    cursor: { show: false },
    axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map(countText) }],
    series: [
      {},
      { stroke: LINE, width: 2, ...(stepped && { paths: stepped }), points: { size: 5 } },
    ],
  }
}

function sizeOf(place: HTMLElement | null): { width: number; height: number } {
  return { width: Math.max(place?.clientWidth ?? 0, WIDTH_LEAST), height: HEIGHT }
}
