/**
 * The boards of the store, asked for again from time to time.
 *
 * @module
 */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { BoardJson } from './answers.ts'
import { AskError, ask } from './api.ts'

export interface BoardsView {
  /** Undefined until they are known. */
  boards?: BoardJson[]
  problem?: AskError
}

const LOOK_MS = 15_000
const RETRY_MS = 3_000

/** Returns the boards, and how to look again at once. */
export function useBoards(keyCount: number): BoardsView & { look: () => void } {
  const [state, setState] = useState<BoardsView>({})
  const looking = useRef<() => void>(() => undefined)
  useEffect(() => {
    const aborter = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      clearTimeout(timer)
      const seen = await readBoards(aborter.signal)
      if (aborter.signal.aborted) return
      // What was known stays while the server does not answer.
      setState((before) => (seen.problem?.code === 'OFFLINE' ? { ...before, ...seen } : seen))
      clearTimeout(timer)
      timer = setTimeout(look, seen.problem === undefined ? LOOK_MS : RETRY_MS)
    }
    looking.current = look
    void look()
    return () => {
      aborter.abort()
      clearTimeout(timer)
    }
  }, [keyCount])
  const look = useCallback(() => looking.current(), [])
  return { ...state, look }
}

async function readBoards(signal: AbortSignal): Promise<BoardsView> {
  try {
    return await ask<{ boards: BoardJson[] }>('GET', ['boards'], { signal })
  } catch (error) {
    if (error instanceof AskError) return { problem: error }
    return {}
  }
}
