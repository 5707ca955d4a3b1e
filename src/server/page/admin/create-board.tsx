/**
 * Makes a board.
 *
 * @module
 */

import type { VNode } from 'preact'
import { ask } from '../api.ts'
import { Field, Refusal, textsOf, useAct } from '../fields.tsx'

const WINDOWS = ['day', 'week', 'month', 'year']

export function CreateBoard({ onBoard }: { onBoard: (name: string) => void }): VNode {
  const act = useAct<string>()
  const create = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const { keep, name = '', ...texts } = textsOf(form)
    const windows = WINDOWS.filter((window) => texts[window] !== undefined)
    const { order, mode, scoreType } = texts
    const body = {
      ...{ name, order, mode, scoreType },
      ...(keep !== undefined && { keep: Number(keep) }),
      ...(windows.length > 0 && { windows }),
    }
    void act.run(async () => {
      await ask('POST', ['boards'], { body })
      form.reset()
      onBoard(name)
      return `Board ${name} is there.`
    })
  }
  return (
    <>
      <form onSubmit={create} autocomplete="off">
        <Settings />
        <button type="submit" disabled={act.isBusy}>
          Create
        </button>
      </form>
      <p role="status">{act.answer}</p>
      <Refusal of={act.problem} />
    </>
  )
}

function Settings(): VNode {
  return (
    <>
      <Field label="Name">
        <input name="name" required spellcheck={false} />
      </Field>
      <Select
        label="Best is"
        name="order"
        options={{ descending: 'the highest', ascending: 'the lowest' }}
      />
      <Select
        label="A submit"
        name="mode"
        options={{ set: 'sets the score', best: 'counts if better', increment: 'adds to it' }}
      />
      <Select
        label="Scores"
        name="scoreType"
        options={{ '': 'numbers', int64: 'whole, 64 bits' }}
      />
      <Field label="Keep only the best">
        <input name="keep" type="number" min={1} placeholder="all" />
      </Field>
      <fieldset>
        <legend>Windows</legend>
        {WINDOWS.map((window) => (
          <label key={window} class="check">
            <input type="checkbox" name={window} />
            <span>{window}</span>
          </label>
        ))}
      </fieldset>
    </>
  )
}

interface SelectProps {
  label: string
  name: string
  options: Record<string, string>
}

function Select({ label, name, options }: SelectProps): VNode {
  return (
    <Field label={label}>
      <select name={name}>
        {Object.entries(options).map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  )
}
