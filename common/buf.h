/* A growable byte buffer, and JSON written into it. Out of memory aborts the process. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    char *data; /* NULL while capacity is 0 */
    size_t size;
    size_t capacity;
} buf_t;

void buf_clear(buf_t *buf); /* frees; the buffer is empty and usable after */
static inline void buf_reset(buf_t *buf) { buf->size = 0; }
char *buf_grow(buf_t *buf, size_t more); /* buf_reserve where there is not room enough */
/* Makes room for `more` bytes and returns where they start; the size does not change. */
static inline char *buf_reserve(buf_t *buf, size_t more) {
    return buf->data && more <= buf->capacity - buf->size ? buf->data + buf->size : buf_grow(buf, more);
}
static inline void buf_add(buf_t *buf, const void *bytes, size_t size) {
    if (!size) return;
    memcpy(buf_reserve(buf, size), bytes, size);
    buf->size += size;
}
static inline void buf_add_str(buf_t *buf, const char *text) { buf_add(buf, text, strlen(text)); }
static inline void buf_add_char(buf_t *buf, char c) {
    *buf_reserve(buf, 1) = c;
    buf->size++;
}
void buf_printf(buf_t *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add_int(buf_t *buf, int64_t value);
/* The shortest decimal that reads back as the same double; value must be finite. */
void buf_add_double(buf_t *buf, double value);
/* The text in quotes, escaped as JSON wants it. The text must be UTF-8. */
void buf_add_json_str(buf_t *buf, const char *text, size_t size);
const char *buf_cstr(buf_t *buf); /* adds a NUL past the end and returns the data */
