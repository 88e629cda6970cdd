/* Lets the n-th call fail that would change a file below a folder, as a full or broken disk does.

   Preloaded into the process under test (LD_PRELOAD), which calls arm() when it is ready. The
   call fails with the given errno, and with it all later ones if `lasting` is not 0. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX];
static int fault, lasting;
static atomic_long left, n_calls;

void arm(const char *folder, long n, int error, int is_lasting) {
    atomic_store(&n_calls, 0);
    atomic_store(&left, n);
    fault = error;
    lasting = is_lasting;
    snprintf(root, sizeof root, "%s", folder);
}

void disarm(void) { root[0] = 0; }

long calls(void) { return atomic_load(&n_calls); }

static int fails(const char *path) {
    if (!root[0] || strncmp(path, root, strlen(root))) return 0;
    atomic_fetch_add(&n_calls, 1);
    long before = atomic_fetch_sub(&left, 1);
    if (before == 1 || (before < 1 && lasting)) {
        errno = fault;
        return 1;
    }
    return 0;
}

static int fails_fd(int fd) {
    char link[64], path[PATH_MAX];
    if (!root[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    int saved = errno;
    ssize_t size = readlink(link, path, sizeof path - 1);
    errno = saved;
    if (size < 0) return 0;
    path[size] = 0;
    return fails(path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t n) {
    return fails_fd(fd) ? -1 : REAL(write)(fd, data, n);
}
ssize_t writev(int fd, const struct iovec *parts, int n) {
    return fails_fd(fd) ? -1 : REAL(writev)(fd, parts, n);
}
ssize_t pwrite(int fd, const void *data, size_t n, off_t at) {
    return fails_fd(fd) ? -1 : REAL(pwrite)(fd, data, n, at);
}
ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    return fails_fd(fd) ? -1 : REAL(pwrite64)(fd, data, n, at);
}
int fsync(int fd) { return fails_fd(fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails_fd(fd) ? -1 : REAL(fdatasync)(fd); }
int ftruncate(int fd, off_t size) { return fails_fd(fd) ? -1 : REAL(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return fails_fd(fd) ? -1 : REAL(ftruncate64)(fd, size); }
int mkdir(const char *path, mode_t mode) { return fails(path) ? -1 : REAL(mkdir)(path, mode); }
int rename(const char *from, const char *to) {
    return fails(to) ? -1 : REAL(rename)(from, to);
}

/* Only what would make or empty a file counts: reading goes on. */
#define OPEN(name)                                                                     \
    int name(const char *path, int flags, ...) {                                       \
        mode_t mode = 0;                                                               \
        if (flags & (O_CREAT | __O_TMPFILE)) {                                         \
            va_list arguments;                                                         \
            va_start(arguments, flags);                                                \
            mode = va_arg(arguments, mode_t);                                          \
            va_end(arguments);                                                         \
        }                                                                              \
        if (flags & (O_CREAT | O_TRUNC) && fails(path)) return -1;                     \
        return REAL(name)(path, flags, mode);                                          \
    }
OPEN(open)
OPEN(open64)
