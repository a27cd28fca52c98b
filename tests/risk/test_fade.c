/* Scores of quiet wallets fall with the stream's time. */
#include "risk/stream_time.h"
#include "support_fixture.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)
#define T0   INT64_C(1700000000000)

START_TEST(a_wrong_time_does_not_move_the_stream_but_a_pause_does) {
    stream_time_t time = {0};
    for (int i = 0; i < STREAM_AHEAD_COUNT; i++) stream_time_advance(&time, T0 + i, T0 + 900 * DAY);
    ck_assert(time.is_set && time.ms == T0);
    stream_time_advance(&time, T0 + HOUR, T0 + 900 * DAY);
    ck_assert_int_eq(time.ms, T0 + HOUR);
    stream_time_advance(&time, T0, T0 + 900 * DAY);
    ck_assert_int_eq(time.ms, T0 + HOUR);
    for (int i = 0; i < 3 * STREAM_AHEAD_COUNT; i++) {
        stream_time_advance(&time, T0 + 100 * DAY, T0 + 900 * DAY);
        if (i % 2) stream_time_advance(&time, T0 + HOUR + i, T0 + 900 * DAY);
    }
    ck_assert_int_lt(time.ms, T0 + DAY);
    for (int i = 0; i < STREAM_AHEAD_COUNT; i++)
        stream_time_advance(&time, T0 + 100 * DAY - i, T0 + 900 * DAY);
    ck_assert_int_eq(time.ms, T0 + 100 * DAY - (STREAM_AHEAD_COUNT - 1));
    for (int i = 0; i < 3 * STREAM_AHEAD_COUNT; i++)
        stream_time_advance(&time, T0 + 500 * DAY, T0 + 101 * DAY);
    ck_assert_int_lt(time.ms, T0 + 101 * DAY);
}
END_TEST

static fixture_t *fixture;
static int tx_number;

/* Fan-in alone, at a half-life of four days. */
static const char rules[] = "{\"half_life_days\": 4, \"taint\": {\"method\": \"off\"},"
                            " \"detectors\": {\"*\": {\"weight\": 0}, \"fan_in\": {\"weight\": 0.8}}}";

static void setup(void) {
    tx_number = 0;
    fixture = fixture_new_with(rules, 1, 0);
}

static void teardown(void) { fixture_free(fixture); }

static void pay(const char *src, const char *dst, int64_t ms) {
    char tx_id[16];
    snprintf(tx_id, sizeof tx_id, "t%d", tx_number++);
    fixture_transfer(fixture, tx_id, src, dst, 5, ms);
    fixture_commit(fixture);
}

/* 20 senders: the pattern shows in full, at the time that is returned. */
static int64_t gather(const char *wallet, const char *prefix, int64_t ms) {
    for (int i = 0; i < 20; i++) {
        char src[32];
        snprintf(src, sizeof src, "%s-%d", prefix, i);
        pay(src, wallet, ms += 1000);
    }
    return ms;
}

typedef struct {
    double score;
    const char *level, *updated_at;
} told_t;

static size_t records_of(const char *wallet, told_t *last) {
    size_t index, count = 0;
    const json_t *record;
    json_array_foreach(fixture_emitted(fixture, TOPIC_SCORES), index, record) {
        if (strcmp(json_string_value(json_object_get(record, "wallet")), wallet) != 0) continue;
        *last = (told_t){json_number_value(json_object_get(record, "score")),
                         json_string_value(json_object_get(record, "level")),
                         json_string_value(json_object_get(record, "updated_at"))};
        count++;
    }
    return count;
}

START_TEST(a_quiet_wallet_falls_point_by_point_while_others_go_on) {
    int64_t ms = gather("hub", "one", T0), began_ms = ms;
    told_t told;
    size_t count = records_of("hub", &told), before = count;
    ck_assert_msg(told.score == 80 && !strcmp(told.level, "critical"), "%g %s", told.score, told.level);
    for (int i = 0; i < 60 * 24; i++) {
        if (i == 300) fixture_restart(fixture, rules);
        pay("x", "y", ms += HOUR);
        count = records_of("hub", &told);
        double now = 80 * exp2(-(double)(ms - began_ms) / (4.0 * DAY));
        /* The queue is divided into hours, and a transfer comes each hour. */
        ck_assert_msg(told.score >= now - 0.01 && told.score < now + 1 + 1.2, "after %d h: %g, not %g", i,
                      told.score, now);
        bool falls = now < 75 - 1.2, fell = strcmp(told.level, "critical") != 0;
        ck_assert_msg(!falls || fell, "after %d h still critical", i);
    }
    ck_assert_str_eq(told.level, "low");
    ck_assert_uint_ge(count - before, 70);
    ck_assert_uint_le(count - before, 90);
    ck_assert_ptr_nonnull(strstr(told.updated_at, ":00:00.000Z"));
    json_t *live = fixture_wallet(fixture, "hub");
    ck_assert(json_number_value(json_object_get(live, "score")) == told.score);
    json_decref(live);
}
END_TEST

START_TEST(what_is_due_at_once_is_worked_off_a_little_after_each_transfer) {
    enum { HUBS = 40 };
    int64_t ms = T0;
    for (int i = 0; i < HUBS; i++) {
        char hub[16];
        snprintf(hub, sizeof hub, "hub%d", i);
        gather(hub, hub, ms);
    }
    for (int i = 0; i < STREAM_AHEAD_COUNT; i++) pay("x", "y", T0 + 10 * DAY);
    size_t told = json_array_size(fixture_emitted(fixture, TOPIC_SCORES));
    for (int i = 0; i < 200; i++) {
        pay("x", "y", T0 + 10 * DAY);
        size_t now = json_array_size(fixture_emitted(fixture, TOPIC_SCORES));
        /* Both halves of the transfer, and its two wallets. */
        ck_assert_uint_le(now - told, 2 * FADES_PER_TRANSFER + 2);
        told = now;
    }
    for (int i = 0; i < HUBS; i++) {
        char hub[16];
        told_t last;
        snprintf(hub, sizeof hub, "hub%d", i);
        records_of(hub, &last);
        ck_assert_msg(last.score < 80 * exp2(-10 / 4.0) + 1.2, "%s has %g", hub, last.score);
    }
}
END_TEST

START_TEST(a_wallet_that_is_touched_again_is_judged_by_that) {
    int64_t ms = gather("hub", "one", T0);
    for (int i = 0; i < 48; i++) pay("x", "y", ms += HOUR);
    ms = gather("hub", "other", ms);
    told_t told;
    records_of("hub", &told);
    double score = told.score;
    ck_assert(score > 70);
    for (int i = 0; i < 48; i++) pay("x", "y", ms += HOUR);
    records_of("hub", &told);
    ck_assert_msg(fabs(told.score - score * exp2(-2 / 4.0)) < 1.2, "%g", told.score);
}
END_TEST

int main(void) {
    const TTest *const plain[] = {a_wrong_time_does_not_move_the_stream_but_a_pause_does, NULL},
                       *const fading[] = {
                           a_quiet_wallet_falls_point_by_point_while_others_go_on,
                           what_is_due_at_once_is_worked_off_a_little_after_each_transfer,
                           a_wallet_that_is_touched_again_is_judged_by_that,
                           NULL,
                       };
    TCase *time = suite_group("time", plain, 60), *fade = suite_group("fade", fading, 120);
    tcase_add_checked_fixture(fade, setup, teardown);
    return suite_run_groups("fade", (TCase *const[]){time, fade, NULL});
}
