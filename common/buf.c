#include "common/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 64, INT_DIGITS_MAX = 20 };

void buf_clear(buf_t *buf) {
    free(buf->data);
    *buf = (buf_t){0};
}

char *buf_grow(buf_t *buf, size_t more) {
    if (more > SIZE_MAX / 2 - buf->size) abort();
    size_t capacity = buf->capacity ? buf->capacity : CAPACITY_MIN;
    while (capacity < buf->size + more) capacity *= 2;
    char *data = realloc(buf->data, capacity);
    if (!data) abort();
    buf->data = data;
    buf->capacity = capacity;
    return data + buf->size;
}

void buf_printf(buf_t *buf, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = buf->capacity - buf->size;
    int size = vsnprintf(buf->data ? buf->data + buf->size : NULL, buf->data ? room : 0, format, args);
    if (size < 0) abort();
    if ((size_t)size >= room) {
        char *place = buf_reserve(buf, (size_t)size + 1);
        vsnprintf(place, (size_t)size + 1, format, again);
    }
    buf->size += (size_t)size;
    va_end(again);
    va_end(args);
}

const char *buf_cstr(buf_t *buf) {
    *buf_reserve(buf, 1) = '\0';
    return buf->data;
}

static const char digit_pairs[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

/* Writes the digits so that they end at `end`; returns where they start. */
static char *digits_before(char *end, uint64_t value) {
    while (value >= 100) {
        end -= 2;
        memcpy(end, digit_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        end -= 2;
        memcpy(end, digit_pairs + value * 2, 2);
    } else {
        *--end = (char)('0' + value);
    }
    return end;
}

static void add_uint(buf_t *buf, uint64_t value) {
    char digits[INT_DIGITS_MAX];
    char *start = digits_before(digits + sizeof digits, value);
    buf_add(buf, start, (size_t)(digits + sizeof digits - start));
}

void buf_add_int(buf_t *buf, int64_t value) {
    if (value < 0) buf_add_char(buf, '-');
    add_uint(buf, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

static const uint64_t powers_of_ten[] = {
    1,        10,        100,        1000,        10000,        100000,        1000000,
    10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000,
    1e14,     1e15,      1e16,       1e17,        1e18,         1e19,
};

static int digit_count(uint64_t value) {
    int count = 0;
    while (count < INT_DIGITS_MAX - 1 && value >= powers_of_ten[count]) count++;
    return count;
}

/* `decimals` digits after the point, less the zeros at their end. */
static void add_fixed(buf_t *buf, uint64_t whole, uint64_t fraction, int decimals) {
    add_uint(buf, whole);
    if (!fraction) return;
    while (fraction % 10 == 0) {
        fraction /= 10;
        decimals--;
    }
    char text[INT_DIGITS_MAX + 1];
    memset(text, '0', sizeof text);
    digits_before(text + 1 + decimals, fraction);
    text[0] = '.';
    buf_add(buf, text, (size_t)decimals + 1);
}

/* Needs 1e-3 <= value < 2^53, where all that follows is exact in 128 bits: value = mantissa / 2^shift, and a
 * decimal q / 10^d reads back as value where it is nearer to it than half the distance to the next double. */
static void add_exact(buf_t *buf, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | (UINT64_C(1) << 52);
    int shift = 52 - ((int)(bits >> 52) - 1023);
    uint64_t whole = mantissa >> shift;
    uint64_t rest = mantissa & ((UINT64_C(1) << shift) - 1);
    if (!rest) {
        add_uint(buf, whole);
        return;
    }
    /* Below a power of two the doubles are twice as close. */
    unsigned nearness = mantissa == UINT64_C(1) << 52 ? 4 : 2;
    int leading_zeros = whole ? 0 : value < 0.01 ? 2 : value < 0.1 ? 1 : 0;
    for (int significant = 15;; significant++) {
        int decimals = significant - digit_count(whole) + leading_zeros;
        if (decimals < 1) continue;
        uint64_t power = powers_of_ten[decimals];
        unsigned __int128 exact = (unsigned __int128)rest * power;
        uint64_t fraction = (uint64_t)((exact + ((unsigned __int128)1 << (shift - 1))) >> shift);
        unsigned __int128 near = (unsigned __int128)fraction << shift;
        unsigned __int128 off = near > exact ? near - exact : exact - near;
        if (significant < 17 && off * nearness >= power) continue;
        if (fraction == power) {
            whole++;
            fraction = 0;
        }
        add_fixed(buf, whole, fraction, decimals);
        return;
    }
}

void buf_add_double(buf_t *buf, double value) {
    double size = fabs(value);
    if (size == 0 || (size >= 1e-3 && size < 0x1p53)) {
        if (signbit(value)) buf_add_char(buf, '-');
        if (size == 0)
            buf_add_char(buf, '0');
        else
            add_exact(buf, size);
        return;
    }
    char text[32];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(text, sizeof text, "%.*g", precision, value);
        if (strtod(text, NULL) == value) break;
    }
    buf_add_str(buf, text);
}

static void add_escaped(buf_t *buf, unsigned char c) {
    static const char shorts[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    static const char hex[] = "0123456789abcdef";
    if (c == '"' || c == '\\') {
        buf_add(buf, (char[]){'\\', (char)c}, 2);
    } else if (c < sizeof shorts && shorts[c]) {
        buf_add(buf, (char[]){'\\', shorts[c]}, 2);
    } else {
        buf_add(buf, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    }
}

/* True where one of the eight bytes is a quote, a backslash or below a space. */
static bool needs_escape8(uint64_t bytes) {
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    uint64_t quote = bytes ^ ones * '"', backslash = bytes ^ ones * '\\';
    uint64_t found =
        ((bytes - ones * ' ') & ~bytes) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
    return (found & tops) != 0;
}

void buf_add_json_str(buf_t *buf, const char *text, size_t size) {
    buf_reserve(buf, size + 2);
    buf_add_char(buf, '"');
    size_t start = 0, at = 0;
    while (at < size) {
        uint64_t bytes;
        if (size - at >= sizeof bytes) {
            memcpy(&bytes, text + at, sizeof bytes);
            if (!needs_escape8(bytes)) {
                at += sizeof bytes;
                continue;
            }
        }
        size_t end = size - at >= sizeof bytes ? at + sizeof bytes : size;
        for (; at < end; at++) {
            unsigned char c = (unsigned char)text[at];
            if (c >= ' ' && c != '"' && c != '\\') continue;
            buf_add(buf, text + start, at - start);
            add_escaped(buf, c);
            start = at + 1;
        }
    }
    buf_add(buf, text + start, size - start);
    buf_add_char(buf, '"');
}
