/* Memory of one batch: taken bit by bit, given back all at once. Out of memory aborts the process. */
#pragma once

#include <stddef.h>

typedef struct arena_chunk arena_chunk_t;

typedef struct {
    arena_chunk_t *chunks; /* the one in use first */
    arena_chunk_t *spare;
    size_t used; /* bytes handed out since the last reset */
} arena_t;

void *arena_take(arena_t *arena, size_t size); /* aligned to 1 byte: for text */
char *arena_copy(arena_t *arena, const void *bytes, size_t size);
void arena_reset(arena_t *arena); /* keeps some memory for the next use */
void arena_clear(arena_t *arena);
