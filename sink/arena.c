#include "sink/arena.h"

#include "sink/limits.h"

#include <stdlib.h>
#include <string.h>

struct arena_chunk {
    arena_chunk_t *next;
    size_t size, used;
    char bytes[];
};

static arena_chunk_t *chunk_new(arena_t *arena, size_t size) {
    arena_chunk_t *chunk = arena->spare;
    if (chunk && size <= chunk->size) {
        arena->spare = chunk->next;
    } else {
        size_t whole = size > ARENA_CHUNK_SIZE ? size : ARENA_CHUNK_SIZE;
        chunk = malloc(sizeof *chunk + whole);
        if (!chunk) abort();
        chunk->size = whole;
    }
    chunk->used = 0;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

void *arena_take(arena_t *arena, size_t size) {
    arena_chunk_t *chunk = arena->chunks;
    if (!chunk || size > chunk->size - chunk->used) chunk = chunk_new(arena, size);
    void *place = chunk->bytes + chunk->used;
    chunk->used += size;
    arena->used += size;
    return place;
}

char *arena_copy(arena_t *arena, const void *bytes, size_t size) {
    char *copy = arena_take(arena, size);
    if (size) memcpy(copy, bytes, size);
    return copy;
}

static void chunks_free(arena_chunk_t *chunk) {
    while (chunk) {
        arena_chunk_t *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void arena_reset(arena_t *arena) {
    size_t kept = 0;
    for (arena_chunk_t *chunk = arena->spare; chunk; chunk = chunk->next) kept += chunk->size;
    while (arena->chunks) {
        arena_chunk_t *chunk = arena->chunks;
        arena->chunks = chunk->next;
        /* One of unusual size, made for a large record, is not worth keeping. */
        if (chunk->size > ARENA_CHUNK_SIZE || kept + chunk->size > ARENA_KEPT_MAX) {
            free(chunk);
            continue;
        }
        kept += chunk->size;
        chunk->next = arena->spare;
        arena->spare = chunk;
    }
    arena->used = 0;
}

void arena_clear(arena_t *arena) {
    chunks_free(arena->chunks);
    chunks_free(arena->spare);
    *arena = (arena_t){0};
}
