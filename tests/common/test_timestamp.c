#include "common/timestamp.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static uint64_t random_state = 42;

static bool parse(const char *text, int64_t *ms) { return timestamp_parse(text, strlen(text), ms); }

START_TEST(what_is_formatted_parses_back) {
    const int64_t least = INT64_C(-62135596800000), most = INT64_C(253402300799999);
    for (int i = 0; i < 300000; i++) {
        int64_t ms = least + (int64_t)(random_next(&random_state) % (uint64_t)(most - least + 1)), back;
        if (i == 0) ms = least;
        if (i == 1) ms = most;
        char text[TIMESTAMP_SIZE_MAX];
        timestamp_format(ms, text);
        ck_assert_uint_eq(strlen(text), 24);
        ck_assert_msg(parse(text, &back), "%s does not parse", text);
        ck_assert_int_eq(back, ms);
    }
}
END_TEST

START_TEST(the_calendar_is_that_of_the_system) {
    for (int i = 0; i < 100000; i++) {
        int64_t ms = (int64_t)(random_next(&random_state) % UINT64_C(8000000000000)) - INT64_C(2000000000000);
        time_t seconds = (time_t)floor((double)ms / 1000);
        struct tm parts;
        gmtime_r(&seconds, &parts);
        char expected[64], text[TIMESTAMP_SIZE_MAX];
        size_t size = strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &parts);
        snprintf(expected + size, sizeof expected - size, ".%03dZ", (int)(ms - (int64_t)seconds * 1000));
        timestamp_format(ms, text);
        ck_assert_str_eq(text, expected);
    }
}
END_TEST

START_TEST(the_usual_spellings_mean_the_same) {
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {
        {"1970-01-01", 0},
        {"2026-01-02", 1767312000000},
        {"2026-01-02T03:04", 1767323040000},
        {"2026-01-02T03:04:05", 1767323045000},
        {"2026-01-02 03:04:05", 1767323045000},
        {"2026-01-02T03:04:05Z", 1767323045000},
        {"2026-01-02T03:04:05.6Z", 1767323045600},
        {"2026-01-02T03:04:05.678901234Z", 1767323045678},
        {"2026-01-02T04:04:05+01:00", 1767323045000},
        {"2026-01-01T21:34:05-0530", 1767323045000},
        {"1767323045", 1767323045000},
        {"1767323045.678", 1767323045678},
        {"1767323045678", 1767323045678},
        {"1.767323045e9", 1767323045000},
        {"-1", -1000},
        {"+1", 1000},
        {"0", 0},
        {"2024-02-29", 1709164800000},
        {"2000-02-29", 951782400000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms = -1;
        ck_assert_msg(parse(cases[i].text, &ms), "%s does not parse", cases[i].text);
        ck_assert_msg(ms == cases[i].ms, "%s became %lld", cases[i].text, (long long)ms);
    }
}
END_TEST

START_TEST(what_is_no_time_is_refused) {
    static const char *const cases[] = {
        "",
        "x",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-01-32",
        "2026-01-00",
        "0000-01-01",
        "2026-1-2",
        "2026-01-02T24:00",
        "2026-01-02T23:60",
        "2026-01-02T23:59:60",
        "2026-01-02T",
        "2026-01-02T03",
        "2026-01-02T03:04:05.",
        "2026-01-02T03:04:05+1",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05 Z",
        "2026-01-02x",
        "nan",
        "inf",
        "0x10",
        "1e",
        "1e400",
        "--1",
        "1.2.3",
        "300000000000000",
        "0001-01-01T00:00+01:00",
        "9999-12-31T23:59-01:00",
        " 1",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t ms;
        ck_assert_msg(!parse(cases[i], &ms), "\"%s\" parsed as %lld", cases[i], (long long)ms);
    }
    int64_t ms;
    ck_assert(!timestamp_parse("1\0", 2, &ms));
    ck_assert(!timestamp_of_number(NAN, &ms));
    ck_assert(!timestamp_of_number(INFINITY, &ms));
    ck_assert(!timestamp_of_number(-1e300, &ms));
}
END_TEST

START_TEST(any_bytes_are_parsed_without_harm) {
    static const char alphabet[] = "0123456789-:TZ.+eE \xff";
    for (int i = 0; i < 300000; i++) {
        char text[40];
        size_t size = random_next(&random_state) % sizeof text;
        for (size_t at = 0; at < size; at++)
            text[at] = alphabet[random_next(&random_state) % sizeof alphabet];
        int64_t ms;
        if (timestamp_parse(text, size, &ms)) {
            ck_assert_int_ge(ms, INT64_C(-62135596800000));
            ck_assert_int_le(ms, INT64_C(253402300799999));
        }
    }
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        what_is_formatted_parses_back, the_calendar_is_that_of_the_system, the_usual_spellings_mean_the_same,
        what_is_no_time_is_refused,    any_bytes_are_parsed_without_harm,  NULL,
    };
    return suite_run("timestamp", tests, 60);
}
