#include "tools/byte_source.h"

#include "common/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { PACKED_SIZE = 256 * 1024, POLL_MS = 100 };

struct byte_source {
    char *name;
    int fd;
    int64_t file_size; /* -1: not known */
    int64_t taken;     /* bytes read from the file */
    bool begun;        /* the first bytes have told whether it is gzip */
    bool packed;
    bool inside; /* a gzip member that has not ended */
    bool ended;  /* the file is read to its end */
    z_stream inflate;
    size_t at, filled; /* of what is in `bytes` */
    unsigned char bytes[PACKED_SIZE];
};

err_t *byte_source_open(const char *path, byte_source_t **out) {
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return err_new("cannot open \"%s\": %s", path, strerror(errno));
    struct stat info;
    if (fstat(fd, &info) != 0) info = (struct stat){0};
    if (S_ISDIR(info.st_mode)) {
        close(fd);
        return err_new("\"%s\" is a directory; name a file", path);
    }
    byte_source_t *source = calloc(1, sizeof *source);
    if (!source || !(source->name = strdup(standard ? "standard input" : path))) abort();
    source->fd = fd;
    source->file_size = S_ISREG(info.st_mode) ? info.st_size : -1;
    *out = source;
    return NULL;
}

void byte_source_close(byte_source_t *source) {
    if (!source) return;
    if (source->packed) inflateEnd(&source->inflate);
    if (source->fd != STDIN_FILENO) close(source->fd);
    free(source->name);
    free(source);
}

/* Reads after what is there already; nothing more at the end or when asked to stop. */
static err_t *fill(byte_source_t *source) {
    while (!stop_requested()) {
        struct pollfd ready = {.fd = source->fd, .events = POLLIN};
        if (source->file_size < 0 && poll(&ready, 1, POLL_MS) <= 0) continue;
        ssize_t size = read(source->fd, source->bytes + source->filled, PACKED_SIZE - source->filled);
        if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (size < 0) return err_new("cannot read \"%s\": %s", source->name, strerror(errno));
        source->filled += (size_t)size;
        source->taken += size;
        source->ended = size == 0;
        return NULL;
    }
    source->ended = true;
    return NULL;
}

static err_t *begin(byte_source_t *source) {
    source->begun = true;
    while (source->filled < 2 && !source->ended) TRY(fill(source));
    source->packed = source->filled >= 2 && source->bytes[0] == 0x1f && source->bytes[1] == 0x8b;
    enum { GZIP_WINDOW_BITS = 15 + 16 };
    if (source->packed && inflateInit2(&source->inflate, GZIP_WINDOW_BITS) != Z_OK) abort();
    source->inside = source->packed;
    return NULL;
}

static err_t *refill(byte_source_t *source) {
    if (source->at < source->filled || source->ended) return NULL;
    source->at = source->filled = 0;
    return fill(source);
}

static void take_plain(byte_source_t *source, char *out, size_t capacity, size_t *size) {
    size_t left = source->filled - source->at;
    *size = left < capacity ? left : capacity;
    memcpy(out, source->bytes + source->at, *size);
    source->at += *size;
}

/* A gzip file may be several, one after the other. */
static err_t *take_packed(byte_source_t *source, char *out, size_t capacity, size_t *size) {
    z_stream *inflater = &source->inflate;
    if (!source->inside && inflateReset(inflater) != Z_OK) abort();
    source->inside = true;
    inflater->next_in = source->bytes + source->at;
    inflater->avail_in = (uInt)(source->filled - source->at);
    inflater->next_out = (Bytef *)out;
    inflater->avail_out = (uInt)capacity;
    int result = inflate(inflater, Z_NO_FLUSH);
    source->at = source->filled - inflater->avail_in;
    *size = capacity - inflater->avail_out;
    if (result == Z_STREAM_END) source->inside = false;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) return NULL;
    return err_new("\"%s\" is damaged gzip: %s", source->name,
                   inflater->msg ? inflater->msg : zError(result));
}

err_t *byte_source_read(byte_source_t *source, char *out, size_t capacity, size_t *size) {
    *size = 0;
    if (!source->begun) TRY(begin(source));
    while (*size == 0) {
        TRY(refill(source));
        if (source->at == source->filled && source->ended) break;
        if (source->packed)
            TRY(take_packed(source, out, capacity, size));
        else
            take_plain(source, out, capacity, size);
    }
    if (*size == 0 && source->packed && source->inside && !stop_requested()) {
        return err_new("\"%s\" is cut off: the gzip data has no end", source->name);
    }
    return NULL;
}

double byte_source_progress(const byte_source_t *source) {
    if (source->file_size < 0) return -1;
    if (source->file_size == 0) return 1;
    double part = (double)source->taken / (double)source->file_size;
    return part < 1 ? part : 1;
}

const char *byte_source_name(const byte_source_t *source) { return source->name; }
