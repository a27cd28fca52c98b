#include "tools/watch_cells.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    uint32_t first, last;
} range_t;

/* Controls, and what has no width or changes the direction of its neighbours. */
static const range_t hidden[] = {{0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x0300, 0x036f},
                                 {0x0483, 0x0489},   {0x0591, 0x05c7},   {0x0600, 0x0605},   {0x0610, 0x061c},
                                 {0x064b, 0x065f},   {0x070f, 0x070f},   {0x0e31, 0x0e31},   {0x0e34, 0x0e3a},
                                 {0x0e47, 0x0e4e},   {0x115f, 0x11ff},   {0x180b, 0x180f},   {0x1ab0, 0x1aff},
                                 {0x1dc0, 0x1dff},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
                                 {0x20d0, 0x20ff},   {0x3164, 0x3164},   {0xd800, 0xf8ff},   {0xfe00, 0xfe0f},
                                 {0xfe20, 0xfe2f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xffff},
                                 {0x1d173, 0x1d17a}, {0x1f3fb, 0x1f3ff}, {0xe0000, 0x10ffff}};

/* What takes two cells. */
static const range_t wide[] = {
    {0x1100, 0x115e},   {0x231a, 0x231b},   {0x23e9, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},   {0x26bd, 0x26ea},   {0x26f2, 0x26fd},
    {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},   {0x274c, 0x274e},   {0x2753, 0x2757},
    {0x2795, 0x2797},   {0x27b0, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b55},   {0x2e80, 0x303e},
    {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
    {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18cff}, {0x1b000, 0x1b2ff},
    {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f1e6, 0x1faff},
    {0x20000, 0x3fffd}};

#define IS_IN(ranges_, code_) is_in((ranges_), sizeof(ranges_) / sizeof *(ranges_), (code_))

static bool is_in(const range_t *ranges, size_t count, uint32_t code) {
    for (size_t i = 0; i < count; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) return true;
    }
    return false;
}

/* One character as it will be shown. */
typedef struct {
    const char *bytes;
    size_t size;
    int cells;
} glyph_t;

/* The code point at `text` and how many bytes it has; 0 and one byte where the UTF-8 is broken. */
static uint32_t code_at(const char *text, size_t *size) {
    const unsigned char *bytes = (const unsigned char *)text;
    int more = bytes[0] < 0x80 ? 0 : bytes[0] >= 0xf0 && bytes[0] < 0xf5 ? 3 : bytes[0] >= 0xe0 ? 2 : 1;
    uint32_t code = more == 0 ? bytes[0] : bytes[0] & (0x3fu >> more);
    *size = 1;
    if (bytes[0] >= 0x80 && (bytes[0] < 0xc2 || bytes[0] >= 0xf5)) return 0;
    for (int i = 1; i <= more; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return 0;
        code = code << 6 | (bytes[i] & 0x3f);
    }
    if ((more == 2 && code < 0x800) || (more == 3 && (code < 0x10000 || code > 0x10ffff))) return 0;
    *size = (size_t)more + 1;
    return code;
}

/* Takes the next character off the text. */
static glyph_t glyph_next(const char **text, bool utf8) {
    size_t size;
    uint32_t code = code_at(*text, &size);
    glyph_t glyph = {.bytes = *text, .size = size, .cells = IS_IN(wide, code) ? 2 : 1};
    *text += size;
    if (IS_IN(hidden, code) || (!utf8 && code >= 0x80)) {
        glyph.bytes = utf8 ? "·" : ".";
        glyph.size = strlen(glyph.bytes);
        glyph.cells = 1;
    }
    return glyph;
}

static int text_cells(const char *text, bool utf8) {
    int cells = 0;
    while (*text) cells += glyph_next(&text, utf8).cells;
    return cells;
}

static int add_head(buf_t *out, const char *text, int width, bool utf8) {
    int used = 0;
    while (*text) {
        glyph_t glyph = glyph_next(&text, utf8);
        if (used + glyph.cells > width) break;
        buf_add(out, glyph.bytes, glyph.size);
        used += glyph.cells;
    }
    return used;
}

int cells_add(buf_t *out, const char *text, int width, cut_t cut, bool utf8) {
    int cells = text_cells(text, utf8);
    if (width <= 0) return 0;
    if (cells <= width) return add_head(out, text, width, utf8);
    int tail = cut == CUT_MIDDLE ? (width - 1) / 2 : 0;
    int used = add_head(out, text, width - 1 - tail, utf8);
    buf_add_str(out, utf8 ? "…" : "~");
    while (cells > tail) cells -= glyph_next(&text, utf8).cells;
    return used + 1 + add_head(out, text, tail, utf8);
}
