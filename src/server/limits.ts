/**
 * Every bound of the server, each with its reason.
 *
 * @module
 */

/** Longest body in bytes: one submit with name and metadata has at most some 3 KB. */
export const BODY_BYTES_MAX = 16_384

/** Longest body with a list of ids or of submits: 10,000 submits with names fit. */
export const LIST_BODY_BYTES_MAX: number = 8 * 1024 * 1024

/** Longest query in characters. Cursors have some hundreds; Node takes 16 KB of headers in all. */
export const QUERY_CHARACTERS_MAX = 8_192

/** Most entries of one answer: some 200 KB. For more there are pages. */
export const ANSWER_ENTRIES_MAX = 1_000

/** Most players that one question can name. */
export const QUESTION_PLAYERS_MAX = 1_000

/** Answers of one commit that are kept for those who ask the same, and the memory for them. */
export const LOOKS_KEPT = 2_000
export const LOOKS_BYTES_MAX: number = 16 * 1024 * 1024

/** Keys of one file: each is looked up by its hash, but the file is read as a whole. */
export const KEYS_MAX = 1_000

/** Longest name of a key: it stands as the actor in the log. */
export const KEY_NAME_CHARACTERS_MAX = 100

/** How often the file of keys is looked at, milliseconds: a revoked key is refused within it. */
export const KEY_LOOK_MS = 1_000

/** How long a signature may hold, milliseconds: clocks of players differ, and ids of requests are kept for a day. */
export const SIGNATURE_MS_MAX = 300_000

/** Time for all headers of a request, milliseconds: who sends them slower holds a connection. */
export const HEADERS_MS = 5_000

/** Time for a whole request, milliseconds: 8 MB at 1 MB/s. */
export const REQUEST_MS_MAX = 10_000

/** How long a connection without a request stays, milliseconds. */
export const IDLE_MS = 30_000

/** How often connections are held against these, milliseconds; Node does it every 30 s by itself. */
export const CONNECTION_LOOK_MS = 1_000

/** Bytes of all headers of a request, as Node's own limit. */
export const HEADER_BYTES_MAX = 16_384

/** Connections at once: 10,000 who watch, and those who ask. */
export const CONNECTIONS_MAX = 12_000

/** How long a stop waits for answers that are under way, milliseconds. */
export const STOP_MS = 10_000

/** How often the hub looks for commits while somebody watches, milliseconds: nobody is told more often. */
export const LIVE_LOOK_MS = 5

/** The same if each question for the number of changes is a round trip to a server, milliseconds. */
export const REMOTE_LOOK_MS = 10

/** How often a watched season is looked at without a commit, milliseconds: its end is a matter of the clock. */
export const LIVE_SEASON_LOOK_MS = 1_000

/** Time that looks at what is watched may take in one turn of the event loop, milliseconds. */
export const LOOK_SLICE_MS = 5

/** How many times as long as it looked the hub then leaves to requests. */
export const LOOK_REST = 2

/** Time that sending to viewers may take in one turn, milliseconds: requests wait for it. */
export const SEND_SLICE_MS = 5

/** Bytes that may wait for a viewer; beyond them it is cut off, comes back and is told the state. */
export const SEND_QUEUE_BYTES_MAX: number = 256 * 1024

/**
 * Bytes of a message, and viewers who watch the same, from which on messages are deflated. It is done once for all
 * of them and takes some 100 µs, as much as ten writes; few bytes go into one packet either way.
 */
export const DEFLATE_BYTES_MIN = 1_024
export const DEFLATE_VIEWERS_MIN = 8

/** Different things that are watched at once: players, most of them, at some 10 µs a commit each. */
export const TOPICS_MAX = 10_000

/** Viewers from one address that is not this machine: a school or a hall of players share one. */
export const VIEWERS_PER_ADDRESS_MAX = 100

/** How often viewers over WebSocket are asked whether they are there, milliseconds. */
export const PING_MS = 30_000

/** How often viewers over server-sent events get a sign, milliseconds: proxies end what is silent for 30 s. */
export const HEARTBEAT_MS = 15_000

/**
 * Signs after which a viewer over server-sent events is let go, ten minutes; it comes back if it is there. One that
 * vanished answers nothing, and systems take what is sent to it for a quarter of an hour, or longer. Those who came
 * together go one after the other, over two minutes.
 */
export const HEARTBEATS_MAX = 40
export const HEARTBEATS_SPREAD = 8

/** Time for the message with the key, milliseconds. */
export const FIRST_MESSAGE_MS = 5_000

/** Longest message of a viewer, bytes: a key. */
export const MESSAGE_BYTES_MAX = 4_096

/** Delay of the event loop above which writes are refused, milliseconds: a game waits no longer for a frame. */
export const WRITE_DELAY_MS_MAX = 100

/** Delay above which reads are refused too, milliseconds. */
export const READ_DELAY_MS_MAX = 250

/** How often the delay is looked at, milliseconds. */
export const DELAY_LOOK_MS = 250

/** How often the backups are looked at for metrics, milliseconds. */
export const BACKUP_LOOK_MS = 60_000

/** Boards that metrics tell of, in the order of their names: each is a line at every scrape. */
export const BOARDS_TOLD_MAX = 200

/** How often it is looked whether the backup of the night is due, milliseconds. */
export const NIGHT_LOOK_MS = 10_000

/** When a backup of the night that failed is tried again, milliseconds: a disk may have been made room on. */
export const BACKUP_RETRY_MS = 900_000

/** The board that the first submit makes by itself. */
export const FIRST_BOARD = 'default'
