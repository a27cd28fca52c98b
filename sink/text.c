#include "sink/text.h"

#include "common/utf8.h"

#include <string.h>

static bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

const char *text_clean(arena_t *arena, const char *text, size_t size_max) {
    const char *at = text, *end = at + strnlen(text, size_max);
    char *clean = arena_take(arena, (size_t)(end - at) + 1), *to = clean;
    while (at < end) {
        size_t size = utf8_character_size(at, (size_t)(end - at));
        if (size == 0 || is_control((unsigned char)*at))
            *to++ = '?';
        else
            to = mempcpy(to, at, size);
        at += size ? size : 1;
    }
    *to = '\0';
    return clean;
}

bool text_is_storable(const char *text, size_t size) {
    return !memchr(text, '\0', size) && utf8_is_well_formed(text, size);
}
