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
