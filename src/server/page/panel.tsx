/**
 * A part that opens when it is wanted, and asks nothing before.
 *
 * @module
 */

import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export function Panel({
  title,
  children,
}: {
  title: string
  children: () => ComponentChildren
}): VNode {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="panel" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>
        <h2>{title}</h2>
      </summary>
      {isOpen && children()}
    </details>
  )
}

interface SureProps {
  label: string
  isBusy?: boolean
  onSure: () => void
}

const UNSURE_MS = 5_000

/** A button for what is not easily taken back: it acts when it is pressed a second time. */
export function SureButton({ label, isBusy = false, onSure }: SureProps): VNode {
  const [isAsked, setAsked] = useState(false)
  useEffect(() => {
    if (!isAsked) return undefined
    const timer = setTimeout(() => setAsked(false), UNSURE_MS)
    return () => clearTimeout(timer)
  }, [isAsked])
  const press = (): void => {
    setAsked(!isAsked)
    if (isAsked) onSure()
  }
  return (
    <>
      <button type="button" class="danger" disabled={isBusy} onClick={press}>
        {isAsked ? `Sure? ${label}` : label}
      </button>
      <span class="unseen" role="status">
        {isAsked ? 'Press again to do it.' : ''}
      </span>
    </>
  )
}
