/**
 * What follows a durable commit. All is stored by then, so the callers are to hear that, whatever happens here:
 * an error would make them submit again. Wall 21 of ../DESIGN.md.
 *
 * @module
 */

/** Runs an action. What it throws is a mistake of ours, and is told as a warning of the process. */
export function afterCommit(path: string, action: () => void): void {
  try {
    action()
  } catch (cause) {
    const { message } = cause as Error
    const warning = new Error(
      `Cannot finish the work after a durable commit to ${path}: ${message}; nothing is lost, please report this and open the store again`,
      { cause },
    )
    process.emitWarning(Object.assign(warning, { name: 'Warning', code: 'LADDERDB_AFTER_COMMIT' }))
  }
}
