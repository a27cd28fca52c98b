/* What `amlstream watch` shows, and that it stays within the terminal whatever the API says. */
#include "tests/support/suite.h"
#include "tools/watch_cells.h"
#include "tools/watch_view.h"

#include <string.h>

enum { NOW_S = 1764015631 }; /* 2025-11-24T20:20:31Z */

static const char status_text[] = "{\"state\":\"ok\",\"reasons\":[],\"last_transaction\":{\"tx_id\":\"t77\","
                                  "\"timestamp\":\"2025-11-24T20:20:30.000Z\"},"
                                  "\"total_inserted\":1234567,\"duplicates\":12,\"rejected\":3,\"rate_per_"
                                  "s\":203.4,\"rates_per_s\":[0,50,100],"
                                  "\"lag\":{\"processor\":7,\"sink\":45},\"last_error\":null}";
static const char alerts_text[] = "{\"items\":[{\"severity\":\"critical\",\"typology\":\"fan_in\",\"wallet\":"
                                  "\"0x52908400098527886e0f7030069857d2e4169ee7\","
                                  "\"score\":92.6,\"created_at\":\"2025-11-24T19:00:01.000Z\"},"
                                  "{\"severity\":\"high\",\"typology\":\"structuring\",\"wallet\":\"w2\","
                                  "\"score\":71,\"created_at\":\"2025-05-01T10:00:00.000Z\"}"
                                  "],\"next\":null}";
static const char top_text[] =
    "{\"items\":[{\"wallet\":\"w1\",\"score\":97.2,\"level\":\"critical\",\"in_degree\":12,\"out_degree\":3,"
    "\"reasons\":[{\"code\":\"fan_in\",\"contribution\":61.4},{\"code\":\"velocity\",\"contribution\":12}]},"
    "{\"wallet\":\"w2\",\"score\":50,\"level\":\"medium\",\"in_degree\":1,\"out_degree\":0,\"reasons\":[]}],"
    "\"count\":2}";

static json_t *status, *alerts, *top;
static watch_data_t data;
static watch_options_t options;
static buf_t page;

static json_t *parsed(const char *text) {
    json_t *json = json_loads(text, 0, NULL);
    ck_assert_ptr_nonnull(json);
    return json;
}

static void start(void) {
    status = parsed(status_text), alerts = parsed(alerts_text), top = parsed(top_text);
    data = (watch_data_t){.api = "http://127.0.0.1:8080",
                          .now_ms = NOW_S * INT64_C(1000),
                          .answered_ms = NOW_S * INT64_C(1000),
                          .status = status,
                          .alerts = alerts,
                          .top = top};
    options =
        (watch_options_t){.columns = 80, .lines = 24, .utf8 = true, .footer = "Ctrl-C stops everything"};
}

static void stop(void) {
    json_decref(status), json_decref(alerts), json_decref(top);
    buf_clear(&page);
}

static const char *rendered(void) {
    buf_reset(&page);
    watch_view_write(&data, &options, &page);
    return buf_cstr(&page);
}

static void shows(const char *text) {
    const char *view = rendered();
    ck_assert_msg(strstr(view, text) != NULL, "no \"%s\" in\n%s", text, view);
}

static void does_not_show(const char *text) {
    const char *view = rendered();
    ck_assert_msg(strstr(view, text) == NULL, "\"%s\" in\n%s", text, view);
}

/* Cells of a line, escape sequences not counted; every character the view itself uses has one. */
static int cells_of(const char *line, size_t size) {
    int cells = 0;
    for (size_t i = 0; i < size; i++) {
        if (line[i] == '\033') {
            while (line[i] != 'm') i++;
        } else if (((unsigned char)line[i] & 0xc0) != 0x80) {
            cells++;
        }
    }
    return cells;
}

/* That there are exactly the lines there should be, and none is too long. */
static void fits(void) {
    int lines = 0;
    for (const char *line = rendered(); line; lines++) {
        const char *end = strchr(line, '\n');
        size_t size = end ? (size_t)(end - line) : strlen(line);
        ck_assert_msg(cells_of(line, size) <= options.columns, "%d columns, line %d: %.*s", options.columns,
                      lines, (int)size, line);
        line = end ? end + 1 : NULL;
    }
    ck_assert_int_eq(lines, options.lines);
}

START_TEST(the_view_shows_what_the_api_says) {
    shows("amlstream  ● ok");
    shows("http://127.0.0.1:8080  20:20:31 UTC");
    shows("transfers/s 203");
    shows("▁▄█");
    shows("stored 1,234,567   duplicates 12   rejected 3   lag: processor 7   sink 45");
    shows("last transfer t77");
    shows("19:00:01    critical   93  fan_in                0x5290840009852…69857d2e4169ee7");
    shows("2025-05-01  high       71  structuring           w2");
    shows(" 97 ███████▊ critical  w1                    12/3     fan_in 61, velocity 12");
    shows(" 50 ████     medium    w2                    1/0");
    shows("\nCtrl-C stops everything");
    fits();
}
END_TEST

START_TEST(it_fits_terminals_of_every_size) {
    for (int color = 0; color < 2; color++) {
        options.color = color;
        for (options.columns = 1; options.columns < 200; options.columns += 1 + options.columns / 40) {
            for (options.lines = 1; options.lines < 40; options.lines += 1 + options.lines / 12) fits();
        }
    }
}
END_TEST

START_TEST(without_answers_it_says_that_it_waits) {
    data.status = data.alerts = data.top = NULL;
    shows("● waiting");
    shows("transfers/s -");
    shows("stored -");
    fits();
}
END_TEST

START_TEST(empty_lists_are_said) {
    json_t *none = parsed("{\"items\":[]}");
    data.alerts = data.top = none;
    shows("none yet");
    fits();
    json_decref(none);
}
END_TEST

START_TEST(an_api_that_is_away_is_said_beside_the_last_numbers) {
    data.error = "Connection refused";
    data.answered_ms -= 12000;
    shows("● no answer");
    shows("the API has not answered for 12 s: Connection refused");
    shows("stored 1,234,567");
    fits();
}
END_TEST

START_TEST(why_it_is_degraded_is_shown) {
    json_object_set_new(status, "state", json_string("degraded"));
    json_object_set_new(status, "reasons",
                        json_pack("[ss]", "Kafka does not answer", "the sink stands still"));
    shows("● degraded");
    shows("Kafka does not answer; the sink stands still");
}
END_TEST

START_TEST(an_unknown_lag_is_a_dash) {
    json_object_set_new(json_object_get(status, "lag"), "processor", json_null());
    shows("lag: processor -   sink 45");
}
END_TEST

START_TEST(one_burst_does_not_flatten_the_rates) {
    json_object_set_new(status, "rates_per_s", json_pack("[iiiiii]", 0, 8000, 100, 110, 90, 50));
    shows("▁█▄▅▄▂");
    json_object_set_new(status, "rates_per_s", json_pack("[ii]", 0, 0));
    shows("▁▁");
}
END_TEST

START_TEST(colours_are_only_there_when_wanted) {
    does_not_show("\033");
    options.color = true;
    shows("\033[1;31mcritical\033[0m");
}
END_TEST

START_TEST(without_utf8_all_is_ascii) {
    options.utf8 = false;
    for (const char *at = rendered(); *at; at++) ck_assert((unsigned char)*at < 0x80);
    shows("0x5290840009852~69857d2e4169ee7");
    fits();
}
END_TEST

START_TEST(what_wallets_hold_never_reaches_the_terminal) {
    json_t *alert = json_array_get(json_object_get(alerts, "items"), 0);
    json_object_set_new(alert, "wallet",
                        json_string("a\033[2J\r\n\tb\xc2\x9b"
                                    "31m\u202e\u200bc\x7f"));
    json_object_set_new(alert, "typology", json_string("\033]0;x\007"));
    json_object_set_new(alert, "severity", json_string("x\ny"));
    json_object_set_new(status, "state", json_string("\033[31mok"));
    does_not_show("\033");
    does_not_show("\r");
    does_not_show("\xc2\x9b");
    does_not_show("\u202e");
    shows("a·[2J···b·31m··c·");
    fits();
    buf_reset(&page);
    watch_summary_write(&data, &page);
    ck_assert_ptr_null(strpbrk(buf_cstr(&page), "\033\n\r\007"));
}
END_TEST

static const char *const odd_answers[] = {
    "[]",
    "{}",
    "null",
    "{\"items\":null}",
    "{\"items\":{}}",
    "{\"items\":[null,1,\"x\",[],{}]}",
    "{\"items\":[{\"score\":1e308,\"wallet\":7,\"reasons\":{\"code\":1},\"level\":null,\"in_degree\":\"x\"}]"
    "}",
    "{\"items\":[{\"score\":-5,\"reasons\":[null,{},{\"code\":\"c\",\"contribution\":\"x\"}]}]}",
    "{\"state\":7,\"reasons\":[1,null],\"rates_per_s\":[null,\"x\",-1,1e308,1e-308],\"rate_per_s\":1e308,"
    "\"lag\":[],\"total_inserted\":-9223372036854775808,\"last_transaction\":[]}"};

START_TEST(odd_answers_do_no_harm) {
    json_t *odd = json_loads(odd_answers[_i], JSON_DECODE_ANY, NULL);
    ck_assert_ptr_nonnull(odd);
    data.status = data.alerts = data.top = odd;
    fits();
    buf_reset(&page);
    watch_summary_write(&data, &page);
    json_decref(odd);
}
END_TEST

START_TEST(the_summary_is_one_line) {
    watch_summary_write(&data, &page);
    ck_assert_str_eq(
        buf_cstr(&page),
        "2025-11-24T20:20:31Z ok, 203.4 transfers/s, 1,234,567 stored, 12 duplicates, 3 rejected, "
        "lag 7 processor 45 sink, newest alert critical fan_in 0x52908400098527886e0f7030069857d2e4169ee7");
    buf_reset(&page);
    data.error = "Connection refused";
    watch_summary_write(&data, &page);
    ck_assert_str_eq(buf_cstr(&page), "2025-11-24T20:20:31Z no answer, Connection refused");
}
END_TEST

/* Cells */

static const struct {
    const char *text;
    int width;
    cut_t cut;
    const char *shown;
    int cells;
} cuts[] = {
    {"abc", 3, CUT_END, "abc", 3},
    {"abcd", 3, CUT_END, "ab…", 3},
    {"abcdefgh", 5, CUT_MIDDLE, "ab…gh", 5},
    {"abcdefgh", 6, CUT_MIDDLE, "abc…gh", 6},
    {"abcd", 1, CUT_MIDDLE, "…", 1},
    {"abcd", 0, CUT_END, "", 0},
    {"abcd", -1, CUT_END, "", 0},
    {"", 5, CUT_END, "", 0},
    {"äöü€ß", 3, CUT_END, "äö…", 3},
    {"äöü€ß", 4, CUT_MIDDLE, "äö…ß", 4},
    {"日本語", 6, CUT_END, "日本語", 6},
    {"日本語", 5, CUT_END, "日本…", 5},
    {"日本語", 4, CUT_END, "日…", 3},
    {"日本語漢", 6, CUT_MIDDLE, "日…漢", 5},
    {"😀😀", 3, CUT_END, "😀…", 3},
    {"e\u0301", 5, CUT_END, "e·", 2},
    {"\xff\xc3(\xe2\x82", 9, CUT_END, "··(··", 5},
    {"\xed\xa0\x80", 9, CUT_END, "·", 1},
    {"\xf4\x90\x80\x80", 9, CUT_END, "····", 4},
    {"\xc0\x80", 9, CUT_END, "··", 2},
};

START_TEST(text_is_cut_between_characters) {
    int cells = cells_add(&page, cuts[_i].text, cuts[_i].width, cuts[_i].cut, true);
    ck_assert_str_eq(buf_cstr(&page), cuts[_i].shown);
    ck_assert_int_eq(cells, cuts[_i].cells);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        the_view_shows_what_the_api_says,
        it_fits_terminals_of_every_size,
        without_answers_it_says_that_it_waits,
        empty_lists_are_said,
        an_api_that_is_away_is_said_beside_the_last_numbers,
        why_it_is_degraded_is_shown,
        an_unknown_lag_is_a_dash,
        one_burst_does_not_flatten_the_rates,
        colours_are_only_there_when_wanted,
        without_utf8_all_is_ascii,
        what_wallets_hold_never_reaches_the_terminal,
        the_summary_is_one_line,
        NULL,
    };
    TCase *group = suite_group("watch_view", tests, 60);
    tcase_add_checked_fixture(group, start, stop);
    tcase_add_loop_test(group, odd_answers_do_no_harm, 0, sizeof odd_answers / sizeof *odd_answers);
    tcase_add_loop_test(group, text_is_cut_between_characters, 0, sizeof cuts / sizeof *cuts);
    return suite_run_groups("watch_view", (TCase *const[]){group, NULL});
}
