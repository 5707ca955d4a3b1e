/**
 * The engine of a temporary store, without the library in front of it.
 *
 * @module
 */

import { newSpec } from '../../src/domain/settings.ts'
import { NamedBoard } from '../../src/embedded/named-board.ts'
import { OpenStore } from '../../src/embedded/open-store.ts'
import { TABLES } from '../../src/format/tables.ts'
import { openLmdbStore } from '../../src/store/lmdb/open-lmdb.ts'
import type { AskedSettings } from '../../src/words/index.ts'
import { START_MS, withStore } from '../support/temporary-store.ts'

const NONE: AskedSettings = {
  ...{ order: undefined, mode: undefined, scoreType: undefined },
  ...{ columns: undefined, keep: undefined, log: undefined },
}

/** Runs `body` with the engine of a store that is checked afterwards. */
export async function withEngine(
  body: (engine: { context: OpenStore }) => Promise<void>,
): Promise<void> {
  await withStore(async (temporary) => {
    await temporary.store.close()
    const options = {
      required: TABLES,
      readOnly: false,
      create: false,
      relaxed: true,
      allowNetwork: false,
    }
    const store = openLmdbStore(temporary.path, { tables: TABLES, ...options, initial: [] })
    const context = new OpenStore(store, {
      ...{ storeId: '00'.repeat(16), futureAllowanceMs: 300_000, clock: () => START_MS },
      cacheBytes: 2 ** 20,
    })
    try {
      await body({ context })
    } finally {
      await store.close()
    }
  })
}

/** Returns a board that does not exist yet. */
export function unborn(name: string, settings: Partial<AskedSettings> = {}): NamedBoard {
  return new NamedBoard(newSpec(name, { ...NONE, ...settings }), { wasThere: false })
}
