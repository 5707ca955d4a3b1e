/**
 * The key of this tab: given once, gone with the tab.
 *
 * @module
 */

import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { storedKey } from './api.ts'
import { Field } from './fields.tsx'

export function KeyForm({
  onKey,
  isNeeded,
}: {
  onKey: (key: string) => void
  isNeeded: boolean
}): VNode {
  const [isOpen, setOpen] = useState(false)
  const hasKey = storedKey() !== ''
  const give = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    onKey(String(new FormData(form).get('key')).trim())
    form.reset()
    setOpen(false)
  }
  if (hasKey && !isNeeded && !isOpen)
    return (
      <p class="key">
        A key is in use.{' '}
        <button type="button" onClick={() => onKey('')}>
          Forget it
        </button>
      </p>
    )
  if (!isOpen && !isNeeded)
    return (
      <p class="key">
        <button type="button" onClick={() => setOpen(true)}>
          Use a key
        </button>
      </p>
    )
  return (
    <form class="key" onSubmit={give} autocomplete="off">
      <Field label="Key">
        <input name="key" type="password" required spellcheck={false} autocomplete="off" />
      </Field>
      <button type="submit">Use it in this tab</button>
    </form>
  )
}
