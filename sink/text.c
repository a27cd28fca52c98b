#include "sink/text.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the UTF-8 character that starts here and ends before `end`, 0 where there is none. */
static size_t character_size(const unsigned char *at, const unsigned char *end) {
    if (at[0] < 0x80) return 1;
    size_t size = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || size > (size_t)(end - at)) return 0;
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80) return 0;
    }
    bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
    bool surrogate = at[0] == 0xed && at[1] >= 0xa0;
    bool beyond = at[0] == 0xf4 && at[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : size;
}

static bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

const char *text_clean(arena_t *arena, const char *text, size_t size_max) {
    const unsigned char *at = (const unsigned char *)text, *end = at + strnlen(text, size_max);
    char *clean = arena_take(arena, (size_t)(end - at) + 1), *to = clean;
    while (at < end) {
        size_t size = character_size(at, end);
        if (size == 0 || is_control(*at))
            *to++ = '?';
        else
            to = mempcpy(to, at, size);
        at += size ? size : 1;
    }
    *to = '\0';
    return clean;
}

bool text_is_storable(const char *text, size_t size) {
    if (memchr(text, '\0', size)) return false;
    const unsigned char *at = (const unsigned char *)text, *end = at + size;
    while (at < end) {
        uint64_t bytes;
        if ((size_t)(end - at) >= sizeof bytes) {
            memcpy(&bytes, at, sizeof bytes);
            if (!(bytes & UINT64_C(0x8080808080808080))) {
                at += sizeof bytes;
                continue;
            }
        }
        size_t one = character_size(at, end);
        if (!one) return false;
        at += one;
    }
    return true;
}
