/**
 * `create`: makes a board. One that is there with the same settings is fine.
 *
 *     { board, order, mode, created }
 *
 * @module
 */

import type { BoardSettings, Mode, Order } from '../../index.ts'
import type { Io } from '../io.ts'
import { printable, printJson, printLine } from '../output.ts'
import { type CommonOptions, withStore } from '../with-store.ts'

export interface CreateOptions extends CommonOptions {
  name: string
  order?: Order
  mode?: Mode
}

export async function runCreate(io: Io, options: CreateOptions): Promise<number> {
  const report = await withStore({ db: options.db, access: 'create' }, async (store) => {
    const created = !store.hasBoard(options.name)
    const { name, order, mode } = await store.createBoard(options.name, settingsOf(options))
    return { board: name, order, mode, created }
  })
  if (options.json) await printJson(io, report)
  else {
    const { board, order, mode, created } = report
    const what = created
      ? `created board '${printable(board)}'`
      : `board '${printable(board)}' exists`
    await printLine(io, `${what} (${order}, ${mode})`)
  }
  return 0
}

function settingsOf({ order, mode }: CreateOptions): BoardSettings {
  return { ...(order !== undefined && { order }), ...(mode !== undefined && { mode }) }
}
