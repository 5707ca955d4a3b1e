/**
 * Parts of forms, and how a failure is shown.
 *
 * @module
 */

import type { ComponentChildren, VNode } from 'preact'
import { useState } from 'preact/hooks'
import { AskError } from './api.ts'

/** Shows why something was refused, and reads it aloud. */
export function Refusal({ of }: { of: Error | undefined }): VNode {
  const code = of instanceof AskError ? ` (${of.code})` : ''
  return (
    <div role="alert">{of !== undefined && <p class="problem">{`${of.message}${code}`}</p>}</div>
  )
}

/** A field with its name. */
export function Field({ label, children }: { label: string; children: ComponentChildren }): VNode {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children.
    <label>
      <span>{label}</span>
      {children}
    </label>
  )
}

/** What of an act is going on. */
export interface Act<T> {
  isBusy: boolean
  answer?: T
  problem?: Error
  run(work: () => Promise<T>): Promise<void>
  clear(): void
}

/** Returns an act that may run, one at a time, and how it ended. */
export function useAct<T>(): Act<T> {
  const [state, setState] = useState<Omit<Act<T>, 'run' | 'clear'>>({ isBusy: false })
  const run = async (work: () => Promise<T>): Promise<void> => {
    if (state.isBusy) return
    setState({ isBusy: true })
    try {
      setState({ isBusy: false, answer: await work() })
    } catch (error) {
      const problem = error instanceof Error ? error : new Error(String(error))
      setState({ isBusy: false, problem })
    }
  }
  return { ...state, run, clear: () => setState({ isBusy: false }) }
}

/** Returns the texts of a form by the names of its fields, trimmed; empty ones are left out. */
export function textsOf(form: HTMLFormElement): Record<string, string> {
  const texts = [...new FormData(form)].map(([name, value]) => [name, String(value).trim()])
  return Object.fromEntries(texts.filter(([, text]) => text !== ''))
}
