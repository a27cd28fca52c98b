#include "sink/json_slice.h"

#include "sink/limits.h"
#include "sink/text.h"

#include <stdint.h>
#include <string.h>

typedef struct {
    const char *at, *end;
    int guess; /* the name that the next field probably has */
} scan_t;

static const char *const broken = "not JSON, or cut off";

static void skip_space(scan_t *scan) {
    while (scan->at < scan->end &&
           (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' || *scan->at == '\r'))
        scan->at++;
}

/* The next byte that is not white space, 0 at the end. */
static char next_byte(scan_t *scan) {
    skip_space(scan);
    return scan->at < scan->end ? *scan->at : '\0';
}

/* From the byte after the opening quote; leaves the scan after the closing one. */
static bool scan_text(scan_t *scan, json_slice_t *slice) {
    *slice = (json_slice_t){.data = scan->at, .kind = JSON_TEXT};
    for (; scan->at < scan->end; scan->at++) {
        if (*scan->at == '"') {
            slice->size = (size_t)(scan->at++ - slice->data);
            return true;
        }
        if (*scan->at != '\\') continue;
        slice->escaped = true;
        scan->at++;
    }
    return false;
}

/* From the opening bracket to after the closing one. */
static const char *scan_nested(scan_t *scan, json_slice_t *slice) {
    char closing[NESTING_MAX];
    int depth = 0;
    *slice = (json_slice_t){.data = scan->at, .kind = *scan->at == '[' ? JSON_ARRAY : JSON_OBJECT};
    while (scan->at < scan->end) {
        char c = *scan->at++;
        json_slice_t text;
        if (c == '"') {
            if (!scan_text(scan, &text)) return broken;
        } else if (c == '[' || c == '{') {
            if (depth == NESTING_MAX) return "nested too deep";
            closing[depth++] = c == '[' ? ']' : '}';
        } else if (c == ']' || c == '}') {
            if (closing[--depth] != c) return broken;
            if (depth) continue;
            slice->size = (size_t)(scan->at - slice->data);
            return NULL;
        }
    }
    return broken;
}

static bool is_number_byte(char c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static bool scan_number(scan_t *scan, json_slice_t *slice) {
    *slice = (json_slice_t){.data = scan->at, .kind = JSON_NUMBER};
    if (*scan->at != '-' && (*scan->at < '0' || *scan->at > '9')) return false;
    while (scan->at < scan->end && is_number_byte(*scan->at)) scan->at++;
    slice->size = (size_t)(scan->at - slice->data);
    return true;
}

static bool scan_word(scan_t *scan, const char *word, json_kind_t kind, json_slice_t *slice) {
    size_t size = strlen(word);
    if ((size_t)(scan->end - scan->at) < size || memcmp(scan->at, word, size) != 0) return false;
    *slice = (json_slice_t){.data = scan->at, .size = size, .kind = kind};
    scan->at += size;
    return true;
}

static const char *scan_value(scan_t *scan, json_slice_t *slice) {
    bool found;
    switch (next_byte(scan)) {
    case '"':
        scan->at++;
        found = scan_text(scan, slice);
        break;
    case '[':
    case '{': return scan_nested(scan, slice);
    case 'n': found = scan_word(scan, "null", JSON_NULL, slice); break;
    case 't': found = scan_word(scan, "true", JSON_BOOL, slice); break;
    case 'f': found = scan_word(scan, "false", JSON_BOOL, slice); break;
    case '\0': found = false; break;
    default: found = scan_number(scan, slice);
    }
    return found ? NULL : broken;
}

/* The index of the name, -1 where it is none of them. */
static int name_find(scan_t *scan, const json_slice_t *key, const json_name_t *names, int count) {
    for (int tried = 0; tried < count; tried++) {
        int i = scan->guess + tried;
        if (i >= count) i -= count;
        if (names[i].size != key->size || memcmp(names[i].data, key->data, key->size) != 0) continue;
        scan->guess = i + 1;
        return i;
    }
    return -1;
}

static const char *scan_field(scan_t *scan, const json_name_t *names, int count, json_slice_t *values) {
    json_slice_t key, value;
    if (next_byte(scan) != '"') return broken;
    scan->at++;
    if (!scan_text(scan, &key) || next_byte(scan) != ':') return broken;
    scan->at++;
    const char *reason = scan_value(scan, &value);
    if (reason) return reason;
    int i = name_find(scan, &key, names, count);
    if (i >= 0) values[i] = value;
    return NULL;
}

const char *json_slice(const char *json, size_t size, const json_name_t *names, int count,
                       json_slice_t *values) {
    scan_t scan = {.at = json, .end = json + size};
    memset(values, 0, (size_t)count * sizeof *values);
    if (!json || size == 0) return "empty record";
    if (next_byte(&scan) != '{') return "not a JSON object";
    scan.at++;
    if (next_byte(&scan) == '}') {
        scan.at++;
    } else {
        for (;;) {
            const char *reason = scan_field(&scan, names, count, values);
            if (reason) return reason;
            char c = next_byte(&scan);
            if (c != ',' && c != '}') return broken;
            scan.at++;
            if (c == '}') break;
        }
    }
    skip_space(&scan);
    return scan.at == scan.end ? NULL : "something follows the JSON object";
}

/* Escapes */

static bool read_hex(const char *at, const char *end, uint32_t *out) {
    *out = 0;
    if (end - at < 4) return false;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) return false;
        *out = *out << 4 | (uint32_t)digit;
    }
    return true;
}

static char *put_utf8(char *to, uint32_t code) {
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    }
    return to;
}

/* After `\u`. Returns where the escape ends, NULL where it is none that can be stored. */
static const char *read_unicode(const char *at, const char *end, char **to) {
    uint32_t code, low;
    if (!read_hex(at, end, &code)) return NULL;
    at += 4;
    if (code >= 0xd800 && code < 0xdc00) {
        if (end - at < 6 || at[0] != '\\' || at[1] != 'u' || !read_hex(at + 2, end, &low)) return NULL;
        if (low < 0xdc00 || low > 0xdfff) return NULL;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += 6;
    } else if (code == 0 || (code >= 0xdc00 && code <= 0xdfff)) {
        return NULL;
    }
    *to = put_utf8(*to, code);
    return at;
}

/* After the backslash. Returns as read_unicode does. */
static const char *read_escape(const char *at, const char *end, char **to) {
    static const char from[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    if (at == end) return NULL;
    if (*at == 'u') return read_unicode(at + 1, end, to);
    const char *found = *at ? strchr(from, *at) : NULL;
    if (!found) return NULL;
    *(*to)++ = means[found - from];
    return at + 1;
}

bool json_text(const json_slice_t *slice, arena_t *arena, const char **text, size_t *size) {
    *text = slice->data;
    *size = slice->size;
    if (!text_is_storable(slice->data, slice->size)) return false;
    if (!slice->escaped) return true;
    /* What an escape means is never longer than the escape. */
    char *copy = arena_take(arena, slice->size), *to = copy;
    const char *at = slice->data, *end = at + slice->size;
    while (at && at < end) {
        if (*at == '\\')
            at = read_escape(at + 1, end, &to);
        else
            *to++ = *at++;
    }
    *text = copy;
    *size = (size_t)(to - copy);
    return at != NULL;
}
