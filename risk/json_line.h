/* Where something stands in a JSON text, for messages. */
#pragma once

#include <stddef.h>

/* The line (from 1) of the key that the path leads to, or of the innermost object on the way that there is.
 * The text must be JSON. */
int json_line(const char *text, size_t size, const char *const *path, int depth);
