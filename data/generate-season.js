/**
 * Generator of the bundled season: SIMULATED results of an arcade game, no real people or scores.
 *
 *     node data/generate-season.js [--out FILE] [--seed N]       gzipped CSV, season.csv.gz by default
 *
 *     playerId,score,name,at
 *     p06278,1220,LunarMoose210,1788802788100     at: milliseconds since 1970 UTC, strictly increasing
 *     p06278,130,,1788802811048                   name: on a player's first row, later empty
 *     p06278,1670,crimson_otter,1788802879070     except on a rename
 *
 * One row is one finished run; a board of mode `best`, descending, makes the standings from them.
 * What the season has in common with real ones, because a leaderboard behaves differently there:
 *
 *   skew     Runs per player follow Zipf's law: a few players are always there, most come a few times.
 *   ties     A run is waves survived one by one, each harder than the last and worth more, in tens of
 *            points. So scores are crowded and often equal low down, and thin out towards the top.
 *   growth   Players survive more waves the more runs they have behind them, quickly at first.
 *   times    Players play in sittings, mostly in the evening where they live, more at the weekend, more
 *            in the first days and the last; many join late, and many leave before the end.
 *   names    Gamer tags in several scripts, mostly ASCII, some shared, a few changed on the way.
 *
 * The same seed gives the same CSV on every machine: there is no clock in it, and no arithmetic but
 * + - * / and whole-number bits, which IEEE 754 and ECMAScript fix exactly (Math.log and Math.pow are
 * left to the engine). The gzip around it depends on Node's zlib: compare the CSV, not the file.
 *
 * @module
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'

const SEED_DEFAULT = '20260901'
const PLAYERS = 6_500
const RUNS = 64_000

const SECOND_MS = 1000
const HOUR_MS = 3600 * SECOND_MS
const DAY_MS = 24 * HOUR_MS
const SEASON_START = Date.UTC(2026, 8, 7)
const SEASON_DAYS = 35
const SEASON_END = SEASON_START + SEASON_DAYS * DAY_MS

// Zipf's law with Mandelbrot's shift, weight 1 / (place + shift): without it the most active player
// alone would have a tenth of all runs, 175 a day.
const ACTIVITY_SHIFT = 10
const SITTING_RUNS_MAX = 12
// No sitting starts later than this before the end, so that every player finishes at least one run.
const LAST_CALL_MS = 2 * HOUR_MS
// A player with more runs than this is a regular, who stays until the end.
const REGULAR_RUNS = 60

const QUIT_CHANCE = 1 / 2500
const RENAME_CHANCE = 1 / 12
const RENAME_RUNS_MIN = 10
const EMOJI_CHANCE = 1 / 1500

// How much is played in each local hour from midnight on, and on each day from Monday on.
const HOUR_WEIGHTS = [
  6, 3, 2, 1, 1, 1, 2, 4, 5, 5, 6, 7, 9, 8, 8, 9, 12, 15, 18, 22, 24, 23, 18, 11,
]
const WEEKDAY_WEIGHTS = [10, 10, 10, 11, 14, 19, 18]
// The launch draws a crowd, and so do the last three days.
const LAUNCH_WEIGHTS = [1.9, 1.6, 1.4, 1.2]
const FINISH_WEIGHTS = [1.5, 1.8, 2.2]

const FIRST_WORDS = words(`
  Nova Pixel Turbo Shadow Lucky Cosmic Silent Neon Iron Velvet Frost Solar Rapid Hyper Crimson Golden Rusty
  Mystic Quantum Wild Sleepy Retro Arcade Lunar Storm Salty Electric Tiny Grand Jade Cobalt Ember Polar Zen
  Atomic Brave Copper Dizzy Fuzzy Ghost Happy Ivory Jolly Mango Night Omega
`)
const SECOND_WORDS = words(`
  Fox Wolf Falcon Otter Panda Tiger Raven Comet Rider Pilot Knight Wizard Ninja Badger Lynx Dragon Phoenix
  Viper Shark Moose Koala Gecko Hawk Bear Racer Hunter Drifter Sparrow Cobra Rocket Blaster Player Queen
  King Goblin Robot Yeti Kraken Mantis Beetle Penguin Walrus Toad Heron Bandit Captain
`)
const EMOJI = words('🚀 🔥 🦊')

// Where players live: weight, hours ahead of UTC, and names in their own writing, which the share
// `local` of the players there use. The others are tagged in ASCII.
const REGIONS = [
  {
    weight: 34,
    utcHours: -5,
    local: 0.05,
    names: words('José Lucía João Núria Iñaki Renée Andrés'),
  },
  {
    weight: 30,
    utcHours: 2,
    local: 0.12,
    names: words('Zoë Łukasz Jürgen Chloé Søren Åsa Müller Żaneta Dvořák Ágnes Ștefan Françoise'),
  },
  {
    weight: 12,
    utcHours: 3,
    local: 0.3,
    names: words('Мария Иван Ольга Дмитро Соня Волк Ракета Ελένη Νίκος Αθηνά Çağla Işık ليلى سامي'),
  },
  { weight: 4, utcHours: 5.5, local: 0.15, names: words('अर्जुन मीरा रवि தமிழ்') },
  {
    weight: 8,
    utcHours: 8,
    local: 0.3,
    names: words('小龙 月亮 闪电 大熊猫 流星 李雷 Hòa Nguyễn'),
  },
  {
    weight: 12,
    utcHours: 9,
    local: 0.35,
    names: words('さくら たぬき ゆき ハヤブサ ネコ丸 リョウ 星空 민준 서연 호랑이 하늘 별빛'),
  },
]

main()

function main() {
  const { out, seed } = readOptions()
  const csv = seasonCsv(sfc32(seed))
  const gzip = gzipSync(csv, { level: 9 })
  // Byte 9 names the operating system that compressed; 255 is "unknown" (RFC 1952, 2.3).
  gzip[9] = 255
  writeFileSync(out, gzip)
  const sha256 = createHash('sha256').update(csv).digest('hex')
  console.error(
    `${out}: ${gzip.length} bytes, CSV ${Buffer.byteLength(csv)} bytes, sha256 ${sha256}`,
  )
}

function readOptions() {
  try {
    const { values } = parseArgs({ options: { out: { type: 'string' }, seed: { type: 'string' } } })
    const seed = values.seed ?? SEED_DEFAULT
    if (!/^\d{1,10}$/.test(seed) || Number(seed) > 0xffffffff) {
      throw new RangeError(`Cannot use seed '${seed}': not a whole number from 0 to 4294967295`)
    }
    return {
      out: values.out ?? fileURLToPath(new URL('season.csv.gz', import.meta.url)),
      seed: Number(seed),
    }
  } catch (error) {
    console.error(`${error.message}\nUsage: node data/generate-season.js [--out FILE] [--seed N]`)
    process.exit(2)
  }
}

/** Returns the whole season as CSV text, its rows in order of time. */
function seasonCsv(random) {
  const hourTotals = runningTotals(HOUR_WEIGHTS)
  const regionTotals = runningTotals(REGIONS.map((region) => region.weight))
  const runs = runCounts(random).flatMap((runCount, i) => {
    const region = REGIONS[pick(regionTotals, random)]
    const playerId = `p${String(i + 1).padStart(5, '0')}`
    const starts = sittingStarts(random, { runCount, region, hourTotals })
    return playerRuns(random, { playerId, runCount, region, starts })
  })
  runs.sort((a, b) => a.at - b.at || (a.playerId < b.playerId ? -1 : 1))
  let previousAt = -Infinity
  const lines = runs.map(({ playerId, score, name, at }) => {
    previousAt = Math.max(at, previousAt + 1)
    return `${playerId},${score},${name},${previousAt}\n`
  })
  return `playerId,score,name,at\n${lines.join('')}`
}

/** Returns how many runs each player wants to play: at least one, the rest dealt out by Zipf's law. */
function runCounts(random) {
  const weights = Array.from({ length: PLAYERS }, (_, i) => 1 / (i + ACTIVITY_SHIFT))
  const totals = runningTotals(weights)
  const counts = new Array(PLAYERS).fill(1)
  for (let i = PLAYERS; i < RUNS; i++) counts[pick(totals, random)]++
  // An id must not tell how active its player is.
  return shuffle(counts, random)
}

/** Returns when a player sits down to play, ascending; some like few long sittings, some many short ones. */
function sittingStarts(random, { runCount, region, hourTotals }) {
  // Cubed, most come early; divided by the run count, the most active players earliest.
  const firstDay = Math.floor((SEASON_DAYS * cube(random())) / (1 + runCount / REGULAR_RUNS))
  const stay = runCount > REGULAR_RUNS ? 1 : Math.max(random(), random())
  const stayDays = Math.max(1, Math.ceil((SEASON_DAYS - firstDay) * stay))
  const days = Array.from({ length: stayDays }, (_, i) => firstDay + i)
  const dayTotals = runningTotals(days.map(dayWeight))
  const sittings = Math.ceil(runCount / (1 + Math.floor(random() * SITTING_RUNS_MAX)))
  const starts = []
  while (starts.length < sittings) {
    const localHours = days[pick(dayTotals, random)] * 24 + pick(hourTotals, random) + random()
    const start = SEASON_START + Math.floor((localHours - region.utcHours) * HOUR_MS)
    starts.push(intoSeason(start))
  }
  return starts.sort((a, b) => a - b)
}

/** Returns the time, moved by a day where it lies outside: a local day sticks out at one end or the other. */
function intoSeason(start) {
  if (start < SEASON_START) return start + DAY_MS
  return start > SEASON_END - LAST_CALL_MS ? start - DAY_MS : start
}

function dayWeight(day) {
  const launch = LAUNCH_WEIGHTS[day] ?? 1
  const finish = FINISH_WEIGHTS[day - SEASON_DAYS + FINISH_WEIGHTS.length] ?? 1
  return WEEKDAY_WEIGHTS[day % 7] * launch * finish
}

/** Returns the runs of one player in order of time; those that end after the season do not count. */
function playerRuns(random, { playerId, runCount, region, starts }) {
  // The mean of three draws, cubed: few are gifted, and nobody is without a chance.
  const talent = 3 + 9 * cube((random() + random() + random()) / 3)
  const renames = runCount >= RENAME_RUNS_MIN && random() < RENAME_CHANCE
  const renameRun = renames ? 1 + Math.floor(random() * (runCount - 1)) : 0
  const runs = []
  let clock = SEASON_START
  for (let i = 0; i < runCount; i++) {
    // Runs are spread evenly over the sittings; a sitting that runs late delays the next one.
    const sitting = Math.floor((i * starts.length) / runCount)
    const { score, playMs } = playRun(talent * (1 + (1.6 * i) / (i + 60)), random)
    clock = Math.max(clock, starts[sitting]) + playMs
    if (clock >= SEASON_END) break
    const name = i === 0 || i === renameRun ? playerName(region, random) : ''
    runs.push({ playerId, score, name, at: clock })
    clock += Math.floor((4 + 40 * random() * random()) * SECOND_MS)
  }
  return runs
}

/**
 * Plays one run of a player with this skill, and returns its score and how long it took.
 *
 * Wave n is survived with chance skill / (skill + 1 + n / 10), so skill is about how many waves a run lasts.
 */
function playRun(skill, random) {
  // Some leave or fall at once: the only runs without a point.
  if (random() < QUIT_CHANCE) return { score: 0, playMs: 1 + Math.floor(3 * random() * SECOND_MS) }
  let tens = 0
  let wave = 1
  while (random() < skill / (skill + 1 + wave / 10)) {
    tens += 20 + 5 * wave + Math.floor(20 * random())
    wave++
  }
  tens += 1 + Math.floor((20 + 5 * wave) * random())
  return { score: tens * 10, playMs: Math.floor(wave * (9 + 8 * random()) * SECOND_MS) }
}

function playerName(region, random) {
  if (random() < region.local) {
    const name = choose(region.names, random)
    return random() < 0.15 ? name : name + choose(['', '_'], random) + number(random)
  }
  const first = choose(FIRST_WORDS, random)
  const second = choose(SECOND_WORDS, random)
  if (random() < EMOJI_CHANCE) return `${first}${second}${choose(EMOJI, random)}`
  const style = random()
  if (style < 0.2) return `${first}${second}`
  if (style < 0.7) return `${first}${second}${number(random)}`
  if (style < 0.85) return `${first}_${second}`.toLowerCase()
  return `${second}${number(random)}`.toLowerCase()
}

function number(random) {
  return String(1 + Math.floor(random() * 999))
}

function cube(x) {
  return x * x * x
}

function words(text) {
  return text.trim().split(/\s+/)
}

function choose(list, random) {
  return list[Math.floor(random() * list.length)]
}

function shuffle(list, random) {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[list[i], list[j]] = [list[j], list[i]]
  }
  return list
}

function runningTotals(weights) {
  let total = 0
  return weights.map((weight) => (total += weight))
}

/** Returns an index, each as likely as its weight, given the running totals of the weights. */
function pick(totals, random) {
  const target = random() * totals[totals.length - 1]
  let low = 0
  let high = totals.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (totals[middle] > target) high = middle
    else low = middle + 1
  }
  return low
}

/**
 * Returns a source of numbers in [0, 1), the same for the same seed.
 *
 * "Small Fast Counter", 32 bits, by Chris Doty-Humphrey (PractRand), seeded as there: 12 rounds thrown away.
 */
function sfc32(seed) {
  let [a, b, c, counter] = [0, seed | 0, 0, 1]
  function random() {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 0x100000000
  }
  for (let i = 0; i < 12; i++) random()
  return random
}
