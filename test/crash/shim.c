/*
 * Stands between a process and its files: records, fails, cuts short or kills at file operations.
 *
 *     cc -shared -fPIC -O2 -o shim.so shim.c -ldl -lpthread ;  LD_PRELOAD=shim.so node ...
 *
 * Environment. Only paths that contain MATCH count; everything else passes unseen.
 *     SHIM_MATCH    part of the path, for example /data.mdb
 *     SHIM_LOG      file that gets one record for each operation, in the order in which they happen
 *     SHIM_NOTES    part of the path of a file whose writes go into the log too, as notes
 *     SHIM_KIND     any | write | sync | meta | open | truncate | rename   (rename: link too), or
 *                   all: these, and mkdir, rmdir, unlink and chmod
 *     SHIM_AT       k: the k-th operation of that kind, counted from 1 ...
 *     SHIM_STICKY   ... or, where set, that one and all after it ...
 *     SHIM_FAULT    ... fails with this errno, or "short": half of the write is done, or "kill"
 *     SHIM_COUNT    file that gets the number of operations of that kind when the process ends
 *     SHIM_DELAY_US a sync takes so many microseconds longer
 *     SHIM_BOOT_ID  file that is read instead of the machine's boot id
 *
 * A write to a descriptor opened with O_DSYNC or O_SYNC is a write and a sync. A write that starts in
 * the first META_BYTES is one of LMDB's two header pages: meta.
 *
 * A record, little-endian:   | type 1 | flags 1 | pad 2 | size 4 | inode 8 | offset 8 | size bytes |
 *     W write, before it happens; flags 1: synced, 2: meta     B sync begins    T truncate to offset
 *     S sync, or D synced write, has ended; offset: number of its record B or W   O open; bytes: path
 *     L link or rename; bytes: old path, NUL, new path        U unlink; path     N note
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define META_BYTES 8192
#define DESCRIPTORS 4096
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

enum { WRITE = 1, SYNC = 2, META = 4, OPEN = 8, TRUNCATE = 16, RENAME = 32, ANY = 63, NAME = 64, ALL = 127 };
enum { PASS, FAIL, SHORT };

static struct { char seen, synced, notes; uint64_t inode; } files[DESCRIPTORS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static const char *match, *notes, *boot_id, *fault;
static char *count_file;
static int log_descriptor = -1, kind, sticky;
static long at, count, delay_us;
static uint64_t records;

#define REAL(name) ({ static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name); real; })

/* A copy: the process may change its environment. */
static char *kept(const char *name) { const char *value = getenv(name); return value ? strdup(value) : NULL; }

static void start(void) {
  const char *names[] = {"write", "sync", "meta", "open", "truncate", "rename"};
  const char *wanted = getenv("SHIM_KIND"), *log = getenv("SHIM_LOG"), *k = getenv("SHIM_AT"), *delay = getenv("SHIM_DELAY_US");
  match = kept("SHIM_MATCH"), notes = kept("SHIM_NOTES"), boot_id = kept("SHIM_BOOT_ID");
  fault = kept("SHIM_FAULT"), sticky = getenv("SHIM_STICKY") != NULL, at = k ? atol(k) : 0, delay_us = delay ? atol(delay) : 0;
  count_file = kept("SHIM_COUNT");
  for (int i = 0; wanted && i < 6; i++) if (!strcmp(wanted, names[i])) kind = 1 << i;
  if (wanted && !strcmp(wanted, "any")) kind = ANY;
  if (wanted && !strcmp(wanted, "all")) kind = ALL;
  if (log) log_descriptor = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

__attribute__((destructor)) static void end(void) {
  FILE *file = count_file ? fopen(count_file, "w") : NULL;
  if (file) { fprintf(file, "%ld", count); fclose(file); }
}

static int matches(const char *path, const char *part) { return part && path && strstr(path, part); }

static uint64_t record(char type, char flags, uint64_t inode, uint64_t offset, const struct iovec *parts, int n) {
  struct { char type, flags; uint16_t pad; uint32_t size; uint64_t inode, offset; } head = {type, flags, 0, 0, inode, offset};
  for (int i = 0; i < n; i++) head.size += parts[i].iov_len;
  pthread_mutex_lock(&lock);
  if (log_descriptor >= 0) {
    REAL(write)(log_descriptor, &head, sizeof head);
    for (int i = 0; i < n; i++) REAL(write)(log_descriptor, parts[i].iov_base, parts[i].iov_len);
  }
  uint64_t number = records++;
  pthread_mutex_unlock(&lock);
  return number;
}

static void record_path(char type, uint64_t inode, const char *path, const char *other) {
  struct iovec parts[] = {{(void *)path, strlen(path) + (other != NULL)}, {(void *)other, other ? strlen(other) : 0}};
  record(type, 0, inode, 0, parts, 2);
}

/* What is to happen to an operation of these kinds; sets errno where it is to fail. */
static int judge(int kinds) {
  if (!(kinds & kind) || !fault) return PASS;
  pthread_mutex_lock(&lock);
  long now = ++count;
  pthread_mutex_unlock(&lock);
  if (now != at && !(sticky && now > at)) return PASS;
  if (!strcmp(fault, "kill")) kill(getpid(), SIGKILL);
  if (!strcmp(fault, "short")) return kinds & WRITE ? SHORT : PASS;
  errno = atoi(fault);
  return FAIL;
}

static int seen(int descriptor) { return descriptor >= 0 && descriptor < DESCRIPTORS && files[descriptor].seen; }

static int open_file(const char *path, int flags, mode_t mode, int (*real)(const char *, int, ...)) {
  pthread_once(&once, start);
  if (boot_id && path && !strcmp(path, BOOT_ID)) return real(boot_id, flags, mode);
  int is_seen = matches(path, match), is_notes = matches(path, notes);
  if (is_seen && judge(OPEN) == FAIL) return -1;
  int descriptor = real(path, flags, mode);
  if (descriptor < 0 || descriptor >= DESCRIPTORS || !(is_seen || is_notes)) return descriptor;
  struct stat status;
  fstat(descriptor, &status);
  files[descriptor].seen = is_seen, files[descriptor].notes = is_notes;
  files[descriptor].synced = (flags & O_DSYNC) != 0, files[descriptor].inode = status.st_ino;
  if (is_seen) record_path('O', status.st_ino, path, NULL);
  return descriptor;
}

#define OPEN_LIKE(name) int name(const char *path, int flags, ...) { \
  va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
  return open_file(path, flags, mode, REAL(name)); }
OPEN_LIKE(open)
OPEN_LIKE(open64)

int close(int descriptor) {
  if (descriptor >= 0 && descriptor < DESCRIPTORS) memset(&files[descriptor], 0, sizeof files[0]);
  return REAL(close)(descriptor);
}

/* `offset` is -1 where the write goes to the descriptor's own position. */
static ssize_t write_parts(int descriptor, const struct iovec *parts, int n, off_t offset) {
  off_t start_at = offset >= 0 ? offset : lseek(descriptor, 0, SEEK_CUR);
  int synced = files[descriptor].synced, meta = start_at < META_BYTES;
  uint64_t inode = files[descriptor].inode, began = record('W', synced | meta << 1, inode, start_at, parts, n);
  int verdict = judge(WRITE | (synced ? SYNC : 0) | (meta ? META : 0));
  if (verdict == FAIL) return -1;
  if (verdict == PASS) {
    ssize_t written = offset >= 0 ? REAL(pwritev)(descriptor, parts, n, offset) : REAL(writev)(descriptor, parts, n);
    if (synced && written >= 0) record('D', 0, inode, began, NULL, 0);
    return written;
  }
  size_t half = 1, done = 0;
  for (int i = 0; i < n; i++) half += parts[i].iov_len;
  half /= 2; /* Never nothing, or who tries again would try for ever. */
  for (int i = 0; i < n && done < half; i++) {
    size_t part = parts[i].iov_len < half - done ? parts[i].iov_len : half - done;
    done += offset >= 0 ? REAL(pwrite)(descriptor, parts[i].iov_base, part, offset + done) : REAL(write)(descriptor, parts[i].iov_base, part);
  }
  return done;
}

#define PWRITE_LIKE(name, off) ssize_t name(int descriptor, const void *bytes, size_t size, off offset) { \
  struct iovec part = {(void *)bytes, size}; \
  return seen(descriptor) ? write_parts(descriptor, &part, 1, offset) : REAL(name)(descriptor, bytes, size, offset); }
PWRITE_LIKE(pwrite, off_t)
PWRITE_LIKE(pwrite64, off64_t)

#define PWRITEV_LIKE(name, off) ssize_t name(int descriptor, const struct iovec *parts, int n, off offset) { \
  return seen(descriptor) ? write_parts(descriptor, parts, n, offset) : REAL(name)(descriptor, parts, n, offset); }
PWRITEV_LIKE(pwritev, off_t)
PWRITEV_LIKE(pwritev64, off64_t)

ssize_t writev(int descriptor, const struct iovec *parts, int n) {
  return seen(descriptor) ? write_parts(descriptor, parts, n, -1) : REAL(writev)(descriptor, parts, n);
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
  struct iovec part = {(void *)bytes, size};
  if (seen(descriptor)) return write_parts(descriptor, &part, 1, -1);
  if (descriptor >= 0 && descriptor < DESCRIPTORS && files[descriptor].notes) record('N', 0, 0, 0, &part, 1);
  return REAL(write)(descriptor, bytes, size);
}

static int sync_file(int descriptor, int (*real)(int)) {
  if (!seen(descriptor)) return real(descriptor);
  uint64_t inode = files[descriptor].inode, began = record('B', 0, inode, 0, NULL, 0);
  if (judge(SYNC) == FAIL) return -1;
  if (delay_us) usleep(delay_us);
  int failed = real(descriptor);
  if (!failed) record('S', 0, inode, began, NULL, 0);
  return failed;
}
int fdatasync(int descriptor) { return sync_file(descriptor, REAL(fdatasync)); }
int fsync(int descriptor) { return sync_file(descriptor, REAL(fsync)); }

#define TRUNCATE_LIKE(name, off) int name(int descriptor, off size) { \
  if (seen(descriptor)) { record('T', 0, files[descriptor].inode, size, NULL, 0); if (judge(TRUNCATE) == FAIL) return -1; } \
  return REAL(name)(descriptor, size); }
TRUNCATE_LIKE(ftruncate, off_t)
TRUNCATE_LIKE(ftruncate64, off64_t)

#define MOVE_LIKE(name) int name(const char *source, const char *target) { \
  pthread_once(&once, start); \
  if (!matches(source, match) && !matches(target, match)) return REAL(name)(source, target); \
  struct stat status = {0}; \
  if (!stat(source, &status)) record_path('L', status.st_ino, source, target); \
  return judge(RENAME) == FAIL ? -1 : REAL(name)(source, target); }
MOVE_LIKE(rename)
MOVE_LIKE(link)

int unlink(const char *path) {
  pthread_once(&once, start);
  if (matches(path, match)) { record_path('U', 0, path, NULL); if (judge(NAME) == FAIL) return -1; }
  return REAL(unlink)(path);
}

int rmdir(const char *path) {
  pthread_once(&once, start);
  return matches(path, match) && judge(NAME) == FAIL ? -1 : REAL(rmdir)(path);
}

#define MODE_LIKE(name) int name(const char *path, mode_t mode) { \
  pthread_once(&once, start); \
  return matches(path, match) && judge(NAME) == FAIL ? -1 : REAL(name)(path, mode); }
MODE_LIKE(mkdir)
MODE_LIKE(chmod)
