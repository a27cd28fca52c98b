#include "common/utf8.h"

#include <stdint.h>
#include <string.h>

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

static inline size_t character_size(const unsigned char *at, size_t left) {
    unsigned char lead = at[0];
    if (lead < 0x80) return 1;
    size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || left < size) return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    if (lead == 0xe0 && at[1] < 0xa0) return 0;
    if (lead == 0xed && at[1] > 0x9f) return 0;
    if (lead == 0xf0 && at[1] < 0x90) return 0;
    if (lead == 0xf4 && at[1] > 0x8f) return 0;
    return size;
}

/* Eight bytes of plain ASCII pass at once. */
static inline bool is_well_formed(const char *text, size_t size, bool printable) {
    const unsigned char *bytes = (const unsigned char *)text;
    for (size_t at = 0; at < size;) {
        uint64_t eight;
        if (size - at >= sizeof eight) {
            memcpy(&eight, bytes + at, sizeof eight);
            uint64_t odd = eight;
            if (printable) odd |= ((eight - ONES * ' ') & ~eight) | ((eight ^ ONES * 0x7f) - ONES);
            if (!(odd & TOPS)) {
                at += sizeof eight;
                continue;
            }
        }
        if (printable && (bytes[at] < ' ' || bytes[at] == 0x7f)) return false;
        size_t step = character_size(bytes + at, size - at);
        if (!step) return false;
        at += step;
    }
    return true;
}

size_t utf8_character_size(const char *text, size_t size) {
    return character_size((const unsigned char *)text, size);
}

bool utf8_is_well_formed(const char *text, size_t size) { return is_well_formed(text, size, false); }

bool utf8_is_printable(const char *text, size_t size) { return is_well_formed(text, size, true); }
