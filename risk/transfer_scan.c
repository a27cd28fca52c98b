#include "risk/text.h"
#include "risk/transfer_fields.h"

#include <stdint.h>

#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

enum { PLAIN_DIGITS_MAX = 18 };

typedef struct {
    const char *at, *end;
} scan_t;

static void skip_space(scan_t *scan) {
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
        scan->at++;
}

static bool take(scan_t *scan, char c) {
    if (scan->at == scan->end || *scan->at != c) return false;
    scan->at++;
    return true;
}

/* Bytes that end the plain run of a string: quote, backslash, control characters, and what is not ASCII. */
static uint64_t odd_bytes(uint64_t eight) {
    uint64_t quote = eight ^ ONES * '"', backslash = eight ^ ONES * '\\';
    return (((eight - ONES * ' ') & ~eight) | ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) |
            eight) &
           TOPS;
}

static bool scan_string(scan_t *scan, text_t *text) {
    if (!take(scan, '"')) return false;
    const char *start = scan->at;
    bool ascii = true;
    for (;;) {
        uint64_t eight;
        if (scan->end - scan->at >= (ptrdiff_t)sizeof eight) {
            memcpy(&eight, scan->at, sizeof eight);
            uint64_t odd = odd_bytes(eight);
            /* The lowest mark is exact: a borrow only ever spoils the bytes above it. */
            scan->at += odd ? __builtin_ctzll(odd) / 8 : 8;
            if (!odd) continue;
        }
        if (scan->at == scan->end) return false;
        unsigned char c = (unsigned char)*scan->at;
        if (c == '"') break;
        if (c == '\\' || c < ' ') return false;
        if (c >= 0x80) ascii = false;
        scan->at++;
    }
    *text = (text_t){start, (size_t)(scan->at - start)};
    scan->at++;
    return ascii || text_is_utf8(text->data, text->size);
}

static bool is_digit(const scan_t *scan) {
    return scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9';
}

/* Without sign and exponent, and short enough that no integer overflows. */
static bool scan_number(scan_t *scan, field_t *field) {
    const char *start = scan->at;
    if (!is_digit(scan)) return false;
    while (is_digit(scan)) scan->at++;
    if (*start == '0' && scan->at - start > 1) return false;
    field->kind = FIELD_INTEGER;
    if (take(scan, '.')) {
        field->kind = FIELD_NUMBER;
        if (!is_digit(scan)) return false;
        while (is_digit(scan)) scan->at++;
    }
    if (scan->at < scan->end && (*scan->at == 'e' || *scan->at == 'E')) return false;
    field->text = (text_t){start, (size_t)(scan->at - start)};
    if (field->text.size > PLAIN_DIGITS_MAX) return false;
    return number_parse(start, field->text.size, &field->number);
}

static bool scan_word(scan_t *scan, const char *word, size_t size) {
    if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size)) return false;
    scan->at += size;
    return true;
}

static bool scan_value(scan_t *scan, field_t *field) {
    if (scan->at == scan->end) return false;
    *field = (field_t){0};
    switch (*scan->at) {
    case '"': field->kind = FIELD_TEXT; return scan_string(scan, &field->text);
    case 'n': field->kind = FIELD_ABSENT; return scan_word(scan, "null", 4);
    case 't': field->kind = FIELD_OTHER; return scan_word(scan, "true", 4);
    case 'f': field->kind = FIELD_OTHER; return scan_word(scan, "false", 5);
    default: return scan_number(scan, field);
    }
}

bool transfer_fields_scan(const char *json, size_t size, transfer_fields_t *fields) {
    scan_t scan = {json, json + size};
    unsigned seen = 0;
    *fields = (transfer_fields_t){0};
    skip_space(&scan);
    if (!take(&scan, '{')) return false;
    do {
        text_t name;
        field_t value;
        skip_space(&scan);
        if (!scan_string(&scan, &name)) return false;
        skip_space(&scan);
        if (!take(&scan, ':')) return false;
        skip_space(&scan);
        if (!scan_value(&scan, &value)) return false;
        skip_space(&scan);
        field_name_t field = field_of_name(name.data, name.size);
        if (field == FIELD_COUNT) continue;
        if (seen & 1u << field) return false;
        seen |= 1u << field;
        fields->values[field] = value;
    } while (take(&scan, ','));
    if (!take(&scan, '}')) return false;
    skip_space(&scan);
    return scan.at == scan.end;
}
