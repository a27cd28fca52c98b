/* Wallet addresses in which upper and lower case mean the same: 0x and 40 hex digits, as Ethereum and the
 * chains after it have them. (Mixed case holds a checksum, EIP-55.) Their normal form is in lower case, and
 * is what stands in keys, records and answers; any other name is its own normal form. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { ADDRESS_SIZE = 42 };

/* True where the text is such an address and not in its normal form, which then goes to `out`. */
bool address_lower(const char *text, size_t size, char out[ADDRESS_SIZE]);

/* The same, in line for what is mostly no such address at all. */
static inline bool address_normalise(const char *text, size_t size, char out[ADDRESS_SIZE]) {
    return size == ADDRESS_SIZE && text[0] == '0' && address_lower(text, size, out);
}
