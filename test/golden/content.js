/**
 * All that a store shows, as JSON can hold it: the settings of every board and every entry in order.
 * Integers of 64 bits are strings of digits.
 *
 * @module
 */

/** Returns the boards of a store by their names, their settings and their entries. */
export function contentOf(store) {
  const boards = store.boards().map(({ name, size, ...settings }) => {
    return [name, { ...settings, entries: [...store.board(name).entries()] }]
  })
  return JSON.parse(JSON.stringify(Object.fromEntries(boards), integersAsText))
}

function integersAsText(_key, value) {
  return typeof value === 'bigint' ? String(value) : value
}
