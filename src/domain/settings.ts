/**
 * The settings of a board, which are fixed when it is created.
 *
 * @module
 */

import { plainShape, ScoreShape } from '../format/score-shape.ts'
import { fullWindow } from '../format/window-settings.ts'
import { LadderError } from '../ground/errors.ts'
import type {
  AskedSettings,
  BoardInfo,
  LogMode,
  Mode,
  ScoreColumn,
  WindowSpec,
} from '../words/index.ts'
import { windowSettings } from './windows.ts'

/** All settings of a board. */
export interface BoardSpec {
  name: string
  shape: ScoreShape
  mode: Mode
  /** How many entries it keeps, the best ones; undefined: all. */
  keep: number | undefined
  /** What the log keeps of its submits. */
  log: LogMode
  /** Those that it is made with. What windows a board has that exists is stored beside it. */
  windows?: readonly WindowSpec[]
}

/** Returns the settings of a new board. */
export function newSpec(name: string, asked: AskedSettings): BoardSpec {
  const shape = plainShape('descending')
  const spec = completed(asked, { name, shape, mode: 'set', keep: undefined, log: 'all' })
  return asked.windows === undefined ? spec : { ...spec, windows: asked.windows.map(fullWindow) }
}

/** Returns what is asked for in all, where both agree, and whether the later adds to it. */
export function bothAsked(
  first: AskedSettings | undefined,
  second: AskedSettings,
): { all: AskedSettings; isMore: boolean } {
  const keys = Object.keys(second) as (keyof AskedSettings)[]
  const more = keys.filter((key) => second[key] !== undefined && first?.[key] === undefined)
  const all = { ...first, ...Object.fromEntries(more.map((key) => [key, second[key]])) }
  return { all: all as AskedSettings, isMore: more.length > 0 }
}

/** Returns an error that names stored and asked settings, or undefined where they agree. */
export function askedError(stored: BoardSpec, asked: AskedSettings): LadderError | undefined {
  return settingsError(stored, completed(asked, stored))
}

/** The same for all settings of a board that was open before. */
export function settingsError(stored: BoardSpec, asked: BoardSpec): LadderError | undefined {
  const isSame =
    stored.mode === asked.mode &&
    stored.keep === asked.keep &&
    stored.log === asked.log &&
    stored.shape.equals(asked.shape)
  if (isSame) return undefined
  return new LadderError(
    'SETTINGS_DIFFER',
    `Cannot open board "${stored.name}": it was created with ${describe(stored, asked)}, ` +
      `asked for ${describe(asked, stored)}; settings are fixed at creation`,
  )
}

/** Returns the settings as `Leaderboards.boards()` shows them: those that are not usual only if so. */
export function settingsInfo(spec: BoardSpec): Omit<BoardInfo, 'size'> {
  const { name, shape, mode, keep, log, windows = [] } = spec
  return {
    name,
    order: shape.order,
    mode,
    ...(shape.type !== 'number' && { scoreType: shape.type }),
    ...(!shape.isPlain && { columns: shape.columns }),
    ...(keep !== undefined && { keep }),
    ...(log !== 'all' && { log }),
    ...(windows.length > 0 && { windows: windows.map(windowSettings) }),
  }
}

function completed(asked: AskedSettings, base: BoardSpec): BoardSpec {
  const { mode = base.mode, keep = base.keep, log = base.log } = asked
  return { name: base.name, shape: shapeOf(asked, base.shape), mode, keep, log }
}

function shapeOf(asked: AskedSettings, base: ScoreShape): ScoreShape {
  const { scoreType = base.type, columns } = asked
  if (columns !== undefined)
    return columns.length === 1
      ? plainShape(columns[0].order, scoreType)
      : new ScoreShape(scoreType, columns)
  const [first, ...others] = base.columns as [ScoreColumn, ...ScoreColumn[]]
  return new ScoreShape(scoreType, [{ ...first, order: asked.order ?? first.order }, ...others])
}

// What is usual is named only where the other has something else.
function describe({ shape, mode, keep, log }: BoardSpec, other: BoardSpec): string {
  const columns = shape.columns.map(({ name, order }) => `${name} ${order}`).join(', ')
  const extras = [
    ...(shape.type === 'number' && other.shape.type === 'number'
      ? []
      : [`scoreType ${shape.type}`]),
    ...(shape.isPlain ? [] : [`columns ${columns}`]),
    ...(keep === undefined ? [] : [`keep ${keep}`]),
    ...(log === 'all' && other.log === 'all' ? [] : [`log ${log}`]),
  ]
  return [`order ${shape.order} and mode ${mode}`, ...extras].join(', ')
}
