#include "risk/text.h"

#include "common/utf8.h"

bool text_is_utf8(const char *text, size_t size) { return utf8_is_well_formed(text, size); }

bool text_is_printable(const char *text, size_t size) { return utf8_is_printable(text, size); }

bool text_is_id(text_t text) {
    return text.size >= 1 && text.size <= WALLET_SIZE_MAX && text_is_printable(text.data, text.size);
}
