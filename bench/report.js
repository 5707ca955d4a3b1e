/**
 * Tables of figures. The end of a column's key says its unit: `Us` microseconds, `Bytes` bytes.
 *
 * @module
 */

const HEADINGS = { p999Us: 'p99.9', timesFirst: '× first', perSecond: 'a second' }

/** Prints rows under a title; the end of a column's key says its unit. */
export function printTable(title, rows) {
  const keys = new Set(rows.flatMap((row) => Object.keys(row)))
  const used = [...keys].filter((key) => rows.some((row) => row[key] !== undefined))
  const table = [used.map(heading), ...rows.map((row) => used.map((key) => show(key, row[key])))]
  const widths = used.map((_, i) => Math.max(...table.map((line) => line[i].length)))
  console.log(`\n${title}`)
  for (const line of table) {
    const cells = line.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
    )
    console.log(`  ${cells.join('  ')}`.trimEnd())
  }
}

function heading(key) {
  return HEADINGS[key] ?? key.replace(/(Us|Bytes)$/, '')
}

function show(key, value) {
  if (value === undefined) return ''
  if (key.endsWith('Us')) return showTime(value)
  if (key.endsWith('Bytes')) return showBytes(value)
  return typeof value === 'number' ? String(Number(value.toPrecision(3))) : value
}

function showBytes(bytes) {
  if (bytes < 10_000) return bytes.toFixed(0)
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} KB` : `${(bytes / 1e6).toFixed(1)} MB`
}

function showTime(timeUs) {
  if (timeUs < 1000) return `${timeUs.toPrecision(3)} µs`
  return timeUs < 1e6
    ? `${(timeUs / 1000).toPrecision(3)} ms`
    : `${(timeUs / 1e6).toPrecision(3)} s`
}
