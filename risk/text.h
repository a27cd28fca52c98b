/* Pieces of text: comparing, and what may be an id. */
#pragma once

#include "common/address.h"
#include "risk/transfer.h"

#include <stdbool.h>
#include <string.h>

static inline bool text_equal(text_t a, text_t b) {
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* By bytes; a text comes before those that it begins. */
static inline int text_compare(text_t a, text_t b) {
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size ? memcmp(a.data, b.data, size) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* The wallet's name in its normal form (address.h), which may need the room. */
static inline text_t text_normal_wallet(text_t name, char room[ADDRESS_SIZE]) {
    return address_normalise(name.data, name.size, room) ? (text_t){room, ADDRESS_SIZE} : name;
}

/* Well-formed UTF-8: no overlong forms, no surrogates, nothing past U+10FFFF. */
bool text_is_utf8(const char *text, size_t size);
/* UTF-8 without control characters (below space, and DEL). */
bool text_is_printable(const char *text, size_t size);
/* A wallet or transaction id: 1 to WALLET_SIZE_MAX printable bytes. */
bool text_is_id(text_t text);
