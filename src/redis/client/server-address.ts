/**
 * Addresses of servers: what may stand in them.
 *
 * @module
 */

/** Which kind of addresses a host is looked up for: 4, 6 or 0 for both. */
const TAKEN = 'family'

/**
 * The client takes each parameter of an address for an option of its own, before those that it is given: one that lets
 * it repeat writes would make them count twice, and one that it does not know is passed over without a word.
 *
 * @throws {TypeError} for an address with parameters other than `family`, and for a database that is not a number.
 */
export function checkAddress(address: string): string {
  checkDatabase(address)
  const query = address.indexOf('?')
  const names = query < 0 ? [] : [...new URLSearchParams(address.slice(query)).keys()]
  const stray = names.find((name) => name !== TAKEN)
  if (stray === undefined) return address
  const remedy =
    stray === 'prefix'
      ? 'give the prefix as an option of connectLeaderboards'
      : `only ${TAKEN} is taken there; leave it out`
  throw new TypeError(`Cannot use "${stray}" in the address of a server: ${remedy}`)
}

// The client would ask for database NaN, and its refusal would end the process.
function checkDatabase(address: string): void {
  const database = URL.canParse(address) ? new URL(address).pathname.slice(1) : ''
  if (/^\d*$/.test(database)) return
  throw new TypeError(
    `Cannot use "${database}" as database of a server: it must be a number, like redis://localhost:6379/0`,
  )
}
