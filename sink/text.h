/* Text of unknown origin, for a column of Postgres. */
#pragma once

#include "sink/arena.h"

#include <stdbool.h>

/* A copy in the arena that is UTF-8 without control characters and at most `size_max` bytes long: what is not
 * shows as `?`. */
const char *text_clean(arena_t *arena, const char *text, size_t size_max);

/* UTF-8 without a NUL. */
bool text_is_storable(const char *text, size_t size);
