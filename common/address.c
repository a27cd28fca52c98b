#include "common/address.h"

#include <stdint.h>
#include <string.h>

/* Whether a byte is from 0x40 to 0x5f, where upper-case letters are, or from 0xc0 on. */
static bool has_upper_case(const char *text) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t found = 0;
    _Static_assert((ADDRESS_SIZE - 2) % sizeof found == 0, "eight digits at a time");
    for (size_t at = 2; at < ADDRESS_SIZE; at += sizeof found) {
        uint64_t eight;
        memcpy(&eight, text + at, sizeof eight);
        found |= (eight & ones * 0x40) & ~(eight << 1);
    }
    return found != 0;
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool address_lower(const char *text, size_t size, char out[ADDRESS_SIZE]) {
    if (size != ADDRESS_SIZE || text[0] != '0' || (text[1] != 'x' && text[1] != 'X')) return false;
    if (text[1] == 'x' && !has_upper_case(text)) return false;
    for (size_t i = 2; i < ADDRESS_SIZE; i++)
        if (!is_hex(text[i])) return false;
    memcpy(out, "0x", 2);
    for (size_t i = 2; i < ADDRESS_SIZE; i++)
        out[i] = (char)(text[i] >= 'A' && text[i] <= 'F' ? text[i] + ('a' - 'A') : text[i]);
    return true;
}
