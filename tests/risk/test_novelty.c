#include "risk/features.h"
#include "risk/novelty.h"
#include "support_store.h"
#include "tests/support/suite.h"

#include <math.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

static store_t *store;

static void setup(void) { store = memory_store_new(); }
static void teardown(void) { memory_store_free(store); }

static const past_t never = {.first_sent_days = PAST_NEVER, .first_received_days = PAST_NEVER};
/* A shop that has paid a new wallet each time, for a year. */
static const past_t shop = {
    .sent_count = 100, .out_degree = 98, .received_count = 100, .in_degree = 20, .first_sent_days = 365};
/* A wallet that has paid the same few for a year. */
static const past_t regular = {
    .sent_count = 100, .out_degree = 3, .received_count = 10, .in_degree = 2, .first_sent_days = 365};

static float bits(const past_t *sender, bool is_new, int64_t ms) {
    edge_hit_t hit = {.is_new = is_new};
    return novelty_of_sender(store, sender, &hit, ms);
}

static void settle(int64_t ms) {
    for (int i = 0; i < 900; i++) bits(&regular, false, ms);
    for (int i = 0; i < 90; i++) bits(&shop, true, ms);
}

START_TEST(at_the_start_of_a_stream_nothing_is_unexpected) {
    for (int i = 0; i < 100; i++) ck_assert(bits(&never, true, i) < 1);
}
END_TEST

START_TEST(in_a_settled_stream_a_newcomer_is_unexpected_and_a_shop_is_not) {
    settle(0);
    ck_assert(bits(&shop, true, 0) < 4);
    ck_assert(bits(&never, true, 0) > 6);
    ck_assert(bits(&regular, true, 0) > 6);
    ck_assert(bits(&regular, false, 0) == 0);
}
END_TEST

START_TEST(newcomers_become_usual_where_many_come) {
    settle(0);
    float first = bits(&never, true, 0), last = 0;
    for (int i = 0; i < 500; i++) last = bits(&never, true, 0);
    ck_assert(last < first - 3);
}
END_TEST

START_TEST(tasks_that_tell_their_counts_know_what_one_that_saw_all_would) {
    enum { TASKS = 8 };
    store_t *tasks[TASKS], *alone = store;
    novelty_counts_t untold;
    int64_t ms;
    for (int i = 0; i < TASKS; i++) tasks[i] = memory_store_new();
    for (int i = 0; i < 8000; i++) {
        const past_t *sender = i % 10 ? &regular : &shop;
        store = alone;
        bits(sender, sender == &shop, i);
        store = tasks[i / 10 % TASKS];
        bits(sender, sender == &shop, i);
        if (!novelty_take_untold(store, &untold, &ms)) continue;
        for (int k = 0; k < TASKS; k++) novelty_hear(tasks[k], &untold, ms);
    }
    store = alone;
    float expected = bits(&never, true, 8000);
    for (int i = 0; i < TASKS; i++) {
        store = tasks[i];
        float got = bits(&never, true, 8000);
        ck_assert_msg(fabsf(got - expected) < 0.3f, "%g, alone %g", (double)got, (double)expected);
        memory_store_free(tasks[i]);
    }
    store = alone;
}
END_TEST

START_TEST(what_is_told_is_told_ever_more_seldom) {
    novelty_counts_t untold;
    int64_t ms;
    int told = 0, told_late = 0;
    for (int i = 0; i < 20000; i++) {
        bits(&regular, false, i);
        if (!novelty_take_untold(store, &untold, &ms)) continue;
        novelty_hear(store, &untold, ms);
        told++;
        told_late += i >= 10000;
    }
    ck_assert_int_lt(told, 1000);
    ck_assert_int_lt(told_late, 60);
    /* After a day of little traffic too. */
    for (int i = 0; i < 10; i++) bits(&regular, false, 10 * DAY_MS);
    ck_assert(novelty_take_untold(store, &untold, &ms));
    ck_assert(!novelty_take_untold(store, &untold, &ms));
}
END_TEST

START_TEST(what_was_usual_is_forgotten_by_half_lives) {
    settle(0);
    int64_t half_life_ms = (int64_t)(NOVELTY_HALF_LIFE_DAYS * DAY_MS);
    float before = bits(&never, true, 0), after = 0;
    for (int i = 1; i <= 20; i++) {
        bits(&shop, true, i * half_life_ms);
        after = bits(&never, true, i * half_life_ms);
    }
    ck_assert(before > 6 && after < 2);
}
END_TEST

START_TEST(a_time_far_ahead_or_back_fades_by_half_at_most) {
    settle(0);
    float before = bits(&never, true, 0);
    bits(&shop, true, INT64_C(253402300799999));
    float ahead = bits(&never, true, 0), back = bits(&never, true, INT64_C(-62135596800000));
    ck_assert(isfinite(ahead) && ahead > before - 2 && back > before - 3);
}
END_TEST

START_TEST(the_past_is_that_before_the_transfer) {
    wallet_t wallet = {0};
    past_t past = past_of(&wallet, 0);
    ck_assert(past.first_sent_days == PAST_NEVER && past.fresh_sent == 0 && past.sent_mean == 0);
    past_add_sent(&wallet, &past, true, 6, 0);
    wallet.sent_count = wallet.out_degree = 1;
    wallet.sent_value = 10;
    int64_t half_life_ms = (int64_t)(NOVELTY_HALF_LIFE_DAYS * DAY_MS);
    past = past_of(&wallet, half_life_ms);
    ck_assert(past.first_sent_days == (float)NOVELTY_HALF_LIFE_DAYS);
    ck_assert(past.fresh_sent == 0.5f && past.bits_sent == 3 && past.sent_mean == 10);
    past_add_sent(&wallet, &past, true, 4, half_life_ms);
    ck_assert(wallet.fresh_sent.count == 1.5f && wallet.fresh_sent.bits == 7);
    /* A late one counts in full, and moves no time but the first. */
    past = past_of(&wallet, -DAY_MS);
    ck_assert(past.first_sent_days == 0 && past.fresh_sent == 1.5f);
    past_add_sent(&wallet, &past, false, 0, -DAY_MS);
    ck_assert(wallet.first_sent_ms == -DAY_MS && wallet.fresh_sent.last_ms == half_life_ms);
}
END_TEST

/* A wallet that has paid a new receiver every `days` for long, `since` days after the last. */
static bool is_off(double days, double since) {
    past_t past = {
        .sent_count = 50, .out_degree = 50, .first_sent_days = 400, .fresh_sent_days = (float)since};
    double count = 1 / (1 - exp2(-days / NOVELTY_HALF_LIFE_DAYS));
    past.fresh_sent = (float)(count * exp2(-since / NOVELTY_HALF_LIFE_DAYS));
    return past_is_off_rhythm(&past);
}

START_TEST(a_wallet_has_a_rhythm_of_its_own) {
    ck_assert(!is_off(7, 7) && !is_off(7, 9) && !is_off(7, 5));
    ck_assert(is_off(7, 1) && is_off(7, 30));
    ck_assert(!is_off(1, 1.4) && is_off(1, 7));
    ck_assert(!is_off(30, 30) && is_off(30, 3));
    /* Who never sent has none yet, nor has who began to. */
    ck_assert(!past_is_off_rhythm(&never));
    past_t young = {
        .sent_count = 3, .out_degree = 3, .first_sent_days = 2, .fresh_sent = 3, .fresh_sent_days = 1};
    ck_assert(!past_is_off_rhythm(&young));
    past_t settled = shop, early = shop;
    settled.fresh_sent_days = early.fresh_sent_days = 7;
    settled.fresh_sent = (float)(exp2(-0.7) / (1 - exp2(-0.7)));
    early.fresh_sent = settled.fresh_sent * 10;
    for (int i = 0; i < 500; i++) bits(&settled, true, 0);
    ck_assert(bits(&settled, true, 0) < 1 && bits(&early, true, 0) > 4);
}
END_TEST

START_TEST(each_feature_has_a_name_of_its_own_and_a_finite_value) {
    for (int i = 0; i < FEATURE_COUNT; i++)
        for (int k = 0; k < i; k++) ck_assert_str_ne(feature_names[i], feature_names[k]);
    features_t features;
    features_of_t of = {.value = 0, .hit = {.is_new = true}, .sender = never, .receiver = shop};
    features_fill(&features, &of);
    for (int i = 0; i < FEATURE_COUNT; i++) ck_assert(isfinite(features.values[i]));
    ck_assert(features.values[FEATURE_SENDER_SENT_NEW_SHARE] == -1);
    ck_assert(features.values[FEATURE_RECEIVER_SENT_NEW_SHARE] == 0.98f);
    ck_assert(features.values[FEATURE_RECEIVER_IN_DEGREE] == 20);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        at_the_start_of_a_stream_nothing_is_unexpected,
        in_a_settled_stream_a_newcomer_is_unexpected_and_a_shop_is_not,
        newcomers_become_usual_where_many_come,
        tasks_that_tell_their_counts_know_what_one_that_saw_all_would,
        what_is_told_is_told_ever_more_seldom,
        what_was_usual_is_forgotten_by_half_lives,
        a_time_far_ahead_or_back_fades_by_half_at_most,
        the_past_is_that_before_the_transfer,
        a_wallet_has_a_rhythm_of_its_own,
        each_feature_has_a_name_of_its_own_and_a_finite_value,
        NULL,
    };
    TCase *group = suite_group("novelty", tests, 60);
    tcase_add_checked_fixture(group, setup, teardown);
    return suite_run_groups("novelty", (TCase *const[]){group, NULL});
}
