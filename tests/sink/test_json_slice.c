#include "sink/json_slice.h"
#include "sink/limits.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

static const json_name_t names[] = {{"id", 2}, {"amount", 6}, {"reasons", 7}, {"asset", 5}};
enum { NAMES = 4 };
static json_slice_t values[NAMES];
static arena_t arena;

static const char *slice(const char *json) { return json_slice(json, strlen(json), names, NAMES, values); }

static void check_slice(int i, json_kind_t kind, const char *text) {
    ck_assert_int_eq(values[i].kind, kind);
    ck_assert_uint_eq(values[i].size, strlen(text));
    ck_assert(memcmp(values[i].data, text, values[i].size) == 0);
}

START_TEST(fields_come_out_as_they_stand_in_any_order) {
    ck_assert_ptr_null(slice(
        " { \"reasons\" : [{\"a\":\"]}\\\"\"}, 2] ,\"x\":{\"id\":1},\n\"amount\":-1.50e3,\"id\":\"a b\" } "));
    check_slice(0, JSON_TEXT, "a b");
    check_slice(1, JSON_NUMBER, "-1.50e3");
    check_slice(2, JSON_ARRAY, "[{\"a\":\"]}\\\"\"}, 2]");
    ck_assert_int_eq(values[3].kind, JSON_ABSENT);
    ck_assert_ptr_null(slice("{\"id\":true,\"amount\":null,\"reasons\":{},\"asset\":false}"));
    check_slice(0, JSON_BOOL, "true");
    check_slice(1, JSON_NULL, "null");
    check_slice(2, JSON_OBJECT, "{}");
    ck_assert_ptr_null(slice("{}"));
}
END_TEST

START_TEST(of_a_field_that_stands_twice_the_last_counts) {
    ck_assert_ptr_null(slice("{\"id\":1,\"id\":2}"));
    check_slice(0, JSON_NUMBER, "2");
}
END_TEST

START_TEST(what_is_no_object_is_refused) {
    static const char *const bad[] = {"",
                                      "[]",
                                      "null",
                                      "{",
                                      "{\"id\"}",
                                      "{\"id\":}",
                                      "{\"id\":NaN}",
                                      "{\"id\":[}",
                                      "{\"id\":[1}}",
                                      "{\"id\":1,}",
                                      "{\"id\":1}}",
                                      "{\"id\":tru}",
                                      "{id:1}",
                                      "{\"id\":1 \"amount\":2}",
                                      "{\"id\":\"a}",
                                      "\xff\xfe",
                                      "{\"id\":+1}",
                                      "{\"id\":'a'}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(slice(bad[i]) != NULL, "taken: %s", bad[i]);
    ck_assert_ptr_nonnull(json_slice(NULL, 0, names, NAMES, values));
}
END_TEST

/* Each cut in memory of its own, so that one byte read too far is seen. */
START_TEST(a_record_cut_off_anywhere_is_refused) {
    static const char whole[] =
        "{\"id\":\"a\\u00e9\\\"\",\"amount\":1.5,\"reasons\":[{\"a\":[1,\"x\"]}],\"asset\":null}";
    ck_assert_ptr_null(slice(whole));
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        char *cut = malloc(size ? size : 1);
        memcpy(cut, whole, size);
        ck_assert_msg(json_slice(cut, size, names, NAMES, values) != NULL, "taken at %zu bytes", size);
        free(cut);
    }
}
END_TEST

START_TEST(depth_has_a_limit) {
    static char deep[20 + 2 * (NESTING_MAX + 2)];
    for (int more = 0; more <= 1; more++) {
        char *to = stpcpy(deep, "{\"reasons\":");
        memset(to, '[', (size_t)(NESTING_MAX + more));
        memset(to + NESTING_MAX + more, ']', (size_t)(NESTING_MAX + more));
        strcpy(to + 2 * (NESTING_MAX + more), "}");
        ck_assert_int_eq(slice(deep) != NULL, more);
    }
}
END_TEST

static bool text_of(const char *escaped, const char **text, size_t *size) {
    json_slice_t value = {.data = escaped,
                          .size = strlen(escaped),
                          .kind = JSON_TEXT,
                          .escaped = strchr(escaped, '\\') != NULL};
    return json_text(&value, &arena, text, size);
}

START_TEST(escapes_are_read) {
    const char *text;
    size_t size;
    ck_assert(text_of("a\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/z", &text, &size));
    ck_assert_uint_eq(size, strlen("a\xc3\xa9\xf0\x9f\x98\x80\n\"\\/z"));
    ck_assert(memcmp(text, "a\xc3\xa9\xf0\x9f\x98\x80\n\"\\/z", size) == 0);
    arena_clear(&arena);
}
END_TEST

START_TEST(text_that_postgres_cannot_hold_is_refused) {
    static const char *const bad[] = {"\\u0000", "\\ud800", "\\ud800x",     "\\ud800\\u0041",
                                      "\\udc00", "\\x",     "\\u12",        "\\u12g4",
                                      "\xff",    "\xc3",    "\xed\xa0\x80", "\xc0\x80"};
    const char *text;
    size_t size;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!text_of(bad[i], &text, &size), "taken: %s", bad[i]);
    json_slice_t nul = {.data = "a\0b", .size = 3, .kind = JSON_TEXT};
    ck_assert(!json_text(&nul, &arena, &text, &size));
    arena_clear(&arena);
}
END_TEST

/* Bytes that JSON is made of, so that the scan gets far. */
START_TEST(no_bytes_make_it_read_past_the_end) {
    static const char bytes[] = "{}[]\",:\\ud1e-.ntf \xc3\0";
    uint64_t seed = random_seed(1), state = seed;
    for (int i = 0; i < 200000; i++) {
        size_t size = 1 + random_below(&state, 40);
        char *record = malloc(size);
        record[0] = '{';
        for (size_t at = 1; at < size; at++) record[at] = bytes[random_below(&state, sizeof bytes)];
        if (json_slice(record, size, names, NAMES, values) == NULL)
            ck_assert_msg(record[size - 1] == '}' || record[size - 1] == ' ', "seed %lu", seed);
        free(record);
    }
}
END_TEST

int main(void) {
    const TTest *const tests[] = {fields_come_out_as_they_stand_in_any_order,
                                  of_a_field_that_stands_twice_the_last_counts,
                                  what_is_no_object_is_refused,
                                  a_record_cut_off_anywhere_is_refused,
                                  depth_has_a_limit,
                                  escapes_are_read,
                                  text_that_postgres_cannot_hold_is_refused,
                                  no_bytes_make_it_read_past_the_end,
                                  NULL};
    return suite_run("sink/json_slice", tests, 60);
}
