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

/* A hex digit in lower case; 0: it is none. */
static const char hex_lower[256] = {
    ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4', ['5'] = '5', ['6'] = '6', ['7'] = '7',
    ['8'] = '8', ['9'] = '9', ['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f',
    ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f'};

bool address_lower(const char *text, size_t size, char out[ADDRESS_SIZE]) {
    if (size != ADDRESS_SIZE || text[0] != '0' || (text[1] != 'x' && text[1] != 'X')) return false;
    if (text[1] == 'x' && !has_upper_case(text)) return false;
    bool is_hex = true;
    memcpy(out, "0x", 2);
    for (size_t i = 2; i < ADDRESS_SIZE; i++) {
        out[i] = hex_lower[(unsigned char)text[i]];
        is_hex &= out[i] != 0;
    }
    return is_hex;
}
