/**
 * Lets rows move from where they were to where they are.
 *
 * The places are read once after each change. A move adds to one that is still under way, so that no row
 * jumps; a row that is out of sight before and after does not move at all. Who asked for less motion gets none.
 *
 * @module
 */

import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

const MOVE: KeyframeAnimationOptions = { duration: 250, easing: 'ease-out', composite: 'add' }

/** Moves the children of what the answer is given to, whenever `change` is another one. */
export function useMoves(change: unknown): RefObject<HTMLTableSectionElement | null> {
  const parent = useRef<HTMLTableSectionElement>(null)
  const tops = useRef(new WeakMap<Element, number>())
  const isFirst = useRef(true)
  useLayoutEffect(() => {
    const rows = [...(parent.current?.children ?? [])] as HTMLElement[]
    const isStill = isFirst.current || matchMedia('(prefers-reduced-motion: reduce)').matches
    const now = rows.map((row) => row.offsetTop)
    const seen = isStill ? undefined : seenPart(parent.current)
    rows.forEach((row, i) => {
      const top = now[i] as number
      const before = tops.current.get(row)
      tops.current.set(row, top)
      if (seen !== undefined) move(row, { before, top, seen })
    })
    if (rows.length > 0) isFirst.current = false
  }, [change])
  return parent
}

interface Seen {
  from: number
  to: number
}

// In the measure of offsetTop.
function seenPart(parent: HTMLElement | null): Seen {
  const table = parent?.offsetParent?.getBoundingClientRect().top ?? 0
  return { from: -table - innerHeight / 4, to: -table + innerHeight }
}

interface Move {
  before: number | undefined
  top: number
  seen: Seen
}

function move(row: HTMLElement, { before, top, seen }: Move): void {
  const isSeen = (at: number): boolean => at >= seen.from && at <= seen.to
  if (before === undefined) {
    if (isSeen(top)) row.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 250 })
    return
  }
  if (before === top || !(isSeen(before) || isSeen(top))) return
  row.animate([{ transform: `translateY(${before - top}px)` }, { transform: 'none' }], MOVE)
}
