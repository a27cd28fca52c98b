#include "common/utf8.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

/* The encoding of a code point by the rule, whether it may be encoded or not. */
static size_t encode(uint32_t code, size_t size, char out[4]) {
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size - 1; i > 0; i--, code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(leads[size] | code);
    return size;
}

static size_t shortest(uint32_t code) { return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4; }

START_TEST(a_code_point_is_a_character_in_its_shortest_form_only) {
    char text[4];
    for (uint32_t code = 0; code < 0x1fffff; code++) {
        bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
        for (size_t size = shortest(code); size <= 4; size++) {
            bool is_sound = size == shortest(code) && !is_surrogate && code <= 0x10ffff;
            encode(code, size, text);
            size_t told = utf8_character_size(text, size);
            if (told != (is_sound ? size : 0)) ck_abort_msg("U+%X in %zu bytes: %zu", code, size, told);
        }
    }
}
END_TEST

START_TEST(a_character_that_is_cut_or_stray_is_malformed) {
    static const char *const characters[] = {"\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
        size_t size = strlen(characters[i]);
        ck_assert_uint_eq(utf8_character_size(characters[i], 8), size);
        for (size_t left = 1; left < size; left++) {
            ck_assert_uint_eq(utf8_character_size(characters[i], left), 0);
            ck_assert_uint_eq(utf8_character_size(characters[i] + left, size - left), 0);
        }
    }
    for (int lead = 0x80; lead <= 0xff; lead++)
        ck_assert_uint_eq(utf8_character_size((char[]){(char)lead, 'a', 'a', 'a'}, 4), 0);
}
END_TEST

/* As the functions promise, a character at a time. */
static bool all_are(const char *text, size_t size, bool printable) {
    for (size_t at = 0; at < size;) {
        size_t one = utf8_character_size(text + at, size - at);
        unsigned char first = (unsigned char)text[at];
        if (!one || (printable && (first < ' ' || first == 0x7f))) return false;
        at += one;
    }
    return true;
}

static void check_text(const char *text, size_t size) {
    /* Of exactly the size, so that the sanitizer sees a byte read past it. */
    char *copy = malloc(size ? size : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, size);
    ck_assert_int_eq(utf8_is_well_formed(copy, size), all_are(copy, size, false));
    ck_assert_int_eq(utf8_is_printable(copy, size), all_are(copy, size, true));
    free(copy);
}

START_TEST(every_byte_counts_at_every_place) {
    char text[20];
    for (size_t size = 0; size <= sizeof text; size++) {
        memset(text, 'a', sizeof text);
        ck_assert(utf8_is_printable(text, size));
        for (size_t at = 0; at < size; at++) {
            for (int byte = 0; byte <= 0xff; byte++) {
                text[at] = (char)byte;
                check_text(text, size);
                ck_assert_int_eq(utf8_is_well_formed(text, size), byte < 0x80);
                ck_assert_int_eq(utf8_is_printable(text, size), byte >= ' ' && byte < 0x7f);
            }
            text[at] = 'a';
        }
    }
}
END_TEST

START_TEST(a_text_is_what_its_characters_are) {
    static const char *const pieces[] = {"a",    "wallet-0", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                         "\x7f", "\n",       "\xc3",     "\xed\xa0\x80", "\xf4\x90\x80\x80"};
    uint64_t random = random_seed(20261124);
    for (int round = 0; round < 100000; round++) {
        char text[128];
        size_t size = 0;
        /* Mostly of sound pieces, or none would be. */
        for (uint32_t n = random_below(&random, 12); n > 0; n--) {
            const char *piece = pieces[random_below(&random, random_below(&random, 8) ? 5 : 10)];
            size += strlen(strcpy(text + size, piece));
        }
        check_text(text, size);
    }
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_code_point_is_a_character_in_its_shortest_form_only,
        a_character_that_is_cut_or_stray_is_malformed,
        every_byte_counts_at_every_place,
        a_text_is_what_its_characters_are,
        NULL,
    };
    return suite_run("utf8", tests, 60);
}
