/* A growable byte buffer, and JSON written into it. Out of memory aborts the process. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    char *data; /* NULL while capacity is 0 */
    size_t size;
    size_t capacity;
} buf_t;

void buf_clear(buf_t *buf); /* frees; the buffer is empty and usable after */
static inline void buf_reset(buf_t *buf) { buf->size = 0; }
/* Makes room for `more` bytes and returns where they start; the size does not change. */
char *buf_reserve(buf_t *buf, size_t more);
void buf_add(buf_t *buf, const void *bytes, size_t size);
void buf_add_str(buf_t *buf, const char *text);
void buf_add_char(buf_t *buf, char c);
void buf_printf(buf_t *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_add_int(buf_t *buf, int64_t value);
/* The shortest decimal that reads back as the same double; value must be finite. */
void buf_add_double(buf_t *buf, double value);
/* The text in quotes, escaped as JSON wants it. The text must be UTF-8. */
void buf_add_json_str(buf_t *buf, const char *text, size_t size);
const char *buf_cstr(buf_t *buf); /* adds a NUL past the end and returns the data */
