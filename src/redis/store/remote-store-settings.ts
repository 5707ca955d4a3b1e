/**
 * The settings of a store on a server: they lie beside the list of names, and each board is told, for its functions go by
 * them. A board that is made later is told before.
 *
 * @module
 */

import { checkStoreAlteration } from '../../calls/rules.ts'
import { REQUEST_MS, REQUESTS_KEPT } from '../../ground/limits.ts'
import type { StoreAlteration } from '../../words/index.ts'
import { tellSlots } from '../slot/change-slot.ts'
import { unsupported } from '../slot/refused-calls.ts'
import type { RemoteContext } from '../slot/remote-context.ts'
import type { RemoteStoreSettings } from '../words.ts'
import { freeNamesOnServer, ownNamesOnServer } from './unique-names.ts'

const REQUEST_DAYS = REQUEST_MS / 86_400_000

/** Returns the settings of a store. */
export async function settingsOnServer(context: RemoteContext): Promise<RemoteStoreSettings> {
  return settingsOf((await context.ofAll('store_settings', [], { isRead: true })) as Buffer[])
}

/** Alters settings, and tells all boards. @throws {LadderError} `UNSUPPORTED` for what a server does not have. */
export async function alterStoreOnServer(
  context: RemoteContext,
  given: StoreAlteration,
): Promise<RemoteStoreSettings> {
  const alteration = checkStoreAlteration(given)
  refuseRetention(alteration)
  const { names } = alteration
  if (names === 'unique') await ownNamesOnServer(context)
  else if (names !== undefined) await freeNamesOnServer(context)
  const args = [context.givenMicros() ?? '', ...fieldsOf(alteration)]
  const reply = (await context.ofAll('alter_store', args)) as [Buffer[], Buffer, Buffer[]]
  const [settings, text, boards] = reply
  if (text.length > 0) await tellSettings(context, boards.map(String), text.toString())
  return settingsOf(settings)
}

/** Tells boards of the settings of the store, and notes that they were told. */
export async function tellSettings(
  context: RemoteContext,
  boards: readonly string[],
  text: string,
): Promise<void> {
  const change = (id: string): readonly string[] => ['learn_store', id, text]
  await Promise.all(boards.map((board) => tellSlots(context, board, { change })))
  await context.ofAll('told_store', [text])
}

function refuseRetention({ retention }: StoreAlteration): void {
  if (retention !== undefined)
    throw unsupported('alter retention', 'boards on a server keep no log')
}

// Names and values by turns; an empty value brings the usual one back.
function fieldsOf({ requests, writes }: StoreAlteration): string[] {
  const { days, count } = requests ?? { days: REQUEST_DAYS, count: REQUESTS_KEPT }
  return [
    ...(requests !== undefined && days !== undefined
      ? ['requestDays', days === REQUEST_DAYS ? '' : String(days)]
      : []),
    ...(requests !== undefined && count !== undefined
      ? ['requestCount', count === REQUESTS_KEPT ? '' : String(count)]
      : []),
    ...(writes !== undefined ? ['writes', writes === 'closed' ? 'closed' : ''] : []),
  ]
}

function settingsOf(found: readonly Buffer[]): RemoteStoreSettings {
  const fields = new Map<string, string>()
  for (let i = 0; i < found.length; i += 2) fields.set(String(found[i]), String(found[i + 1]))
  const days = Number(fields.get('requestDays') ?? REQUEST_DAYS)
  const count = Number(fields.get('requestCount') ?? REQUESTS_KEPT)
  const writes = fields.has('writes') ? 'closed' : 'open'
  // While it is found out whose the names are, they are not unique yet.
  const names = fields.get('names') === 'unique' ? 'unique' : 'free'
  return { requests: { days, count }, names, writes }
}
