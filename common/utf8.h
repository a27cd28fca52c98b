/* Whether bytes are UTF-8: no overlong forms, no surrogates, nothing past U+10FFFF (Unicode 15, table 3-7).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at `text`, of which `size` bytes, at least one, may be read; 0 where it is
 * malformed. */
size_t utf8_character_size(const char *text, size_t size);
/* The whole text; a NUL is a character too. */
bool utf8_is_well_formed(const char *text, size_t size);
/* Well-formed without control characters (below space, and DEL). */
bool utf8_is_printable(const char *text, size_t size);
