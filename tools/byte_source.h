/* The bytes of a file, a pipe or standard input, unpacked where they are gzip. */
#pragma once

#include "common/err.h"

#include <stddef.h>

typedef struct byte_source byte_source_t;

/* `path` "-" is standard input. */
err_t *byte_source_open(const char *path, byte_source_t **out);
void byte_source_close(byte_source_t *source); /* NULL is allowed */
/* Some bytes, as soon as there are any; *size 0 at the end, and where a stop is asked for while none come. */
err_t *byte_source_read(byte_source_t *source, char *out, size_t capacity, size_t *size);
/* 0..1 of the file read; -1 where its size is not known. */
double byte_source_progress(const byte_source_t *source);
const char *byte_source_name(const byte_source_t *source); /* for messages */
