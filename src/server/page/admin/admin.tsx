/**
 * What takes the key of an administrator: bans, undo, flags, backups, metrics, new boards.
 *
 * @module
 */

import type { VNode } from 'preact'
import type { BoardJson } from '../answers.ts'
import { Panel } from '../panel.tsx'
import { Backups } from './backups.tsx'
import { Bans } from './bans.tsx'
import { CreateBoard } from './create-board.tsx'
import { Flags } from './flags.tsx'
import { Metrics } from './metrics.tsx'
import { Undo } from './undo.tsx'

interface AdminProps {
  board: BoardJson | undefined
  /** Whose card is open: the forms begin with that player. */
  player: string
  onBoard: (name: string) => void
}

export function Admin({ board, player, onBoard }: AdminProps): VNode {
  return (
    <section class="admin" aria-label="Administration">
      {board !== undefined && (
        <>
          <Panel title="Bans">{() => <Bans board={board} player={player} />}</Panel>
          <Panel title="Undo">{() => <Undo board={board} player={player} />}</Panel>
          <Panel title="Flags">{() => <Flags />}</Panel>
        </>
      )}
      <Panel title="Backups">{() => <Backups />}</Panel>
      <Panel title="Metrics">{() => <Metrics />}</Panel>
      <Panel title="New board">{() => <CreateBoard onBoard={onBoard} />}</Panel>
    </section>
  )
}
