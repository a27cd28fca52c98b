/* Taint: what a transfer carries, and that over all wallets nothing appears or vanishes. */
#include "risk/taint.h"

#include "risk/event.h"
#include "risk/rules.h"
#include "support_fixture.h"
#include "tests/support/suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { T0 = 1700000000 };
#define AT(seconds_) ((T0 + (int64_t)(seconds_)) * 1000)

/* Sent and not yet received. */
static void send(fixture_t *fixture, const char *src, const char *dst, double amount, const char *asset) {
    static int count;
    char tx_id[32];
    snprintf(tx_id, sizeof tx_id, "t%d", ++count);
    fixture_transfer_asset(fixture, tx_id, src, dst, amount, asset, AT(count));
}

static void pay(fixture_t *fixture, const char *src, const char *dst, double amount, const char *asset) {
    send(fixture, src, dst, amount, asset);
    fixture_deliver(fixture, SIZE_MAX);
}

static void label_surely(fixture_t *fixture, const char *wallet, const char *category, double confidence) {
    char value[96];
    snprintf(value, sizeof value, "{\"category\":\"%s\",\"confidence\":%g}", category, confidence);
    ck_assert_ptr_null(fixture_label(fixture, wallet, value));
}

static void label(fixture_t *fixture, const char *wallet, const char *category) {
    label_surely(fixture, wallet, category, 1);
}

/* Of a record's taints the one of this category and asset; all zero where there is none. */
static taint_t taint_in(const json_t *record, const char *category, const char *asset) {
    taint_t taint = {0};
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(record, "taint"), i, entry) {
        const char *named = json_string_value(json_object_get(entry, "asset"));
        if (strcmp(named ? named : "", asset) != 0) continue;
        if (strcmp(json_string_value(json_object_get(entry, "category")), category) != 0) continue;
        taint.held = number(entry, "held");
        taint.received = number(entry, "received");
        taint.sourced = number(entry, "sourced");
        taint.left = number(entry, "left");
    }
    return taint;
}

static taint_t taint_of(fixture_t *fixture, const char *wallet, const char *category, const char *asset) {
    json_t *record = fixture_wallet(fixture, wallet);
    taint_t taint = taint_in(record, category, asset);
    json_decref(record);
    return taint;
}

/* The evidence of a reason, NULL where the record has no such reason; borrowed. */
static const json_t *evidence_of(const json_t *record, const char *code) {
    size_t i;
    json_t *reason;
    json_array_foreach(json_object_get(record, "reasons"), i, reason) {
        if (strcmp(json_string_value(json_object_get(reason, "code")), code) == 0)
            return json_object_get(reason, "evidence");
    }
    return NULL;
}

START_TEST(a_transfer_takes_the_held_share_with_it) {
    taint_t taint = {.held = 30};
    ck_assert_double_eq(taint_move(&taint, TAINT_HAIRCUT, 120, 40), 10);
    ck_assert_double_eq(taint.held, 20);
    ck_assert_double_eq(taint_move(&taint, TAINT_HAIRCUT, 80, 80), 20);
    ck_assert_double_eq(taint.held, 0);
}
END_TEST

START_TEST(what_was_not_seen_to_arrive_counts_as_clean) {
    taint_t taint = {.held = 30};
    ck_assert_double_eq(taint_move(&taint, TAINT_HAIRCUT, 50, 1000), 30);
    ck_assert_double_eq(taint.held, 0);
    ck_assert_double_eq(taint_move(&taint, TAINT_HAIRCUT, 0, 1000), 0);
}
END_TEST

START_TEST(poison_taints_all_that_is_sent) {
    taint_t taint = {.held = 100};
    ck_assert_double_eq(taint_move(&taint, TAINT_POISON, 100, 40), 40);
    ck_assert_double_eq(taint.held, 60);
    ck_assert_double_eq(taint_move(&taint, TAINT_POISON, 60, 90), 90);
    ck_assert_double_eq(taint.held, 0);
}
END_TEST

START_TEST(a_list_of_taints_comes_back_as_it_was_written) {
    taints_t taints = {0}, back;
    buf_t out = {0};
    static const char *const assets[] = {"USDT", "", "ETH"};
    for (int i = 0; i < 3; i++) {
        text_t asset = {assets[i], strlen(assets[i])};
        taint_t *taint = taints_entry(&taints, (category_t)(2 - i), asset);
        taint->held = i + 1;
        taint->left = i + 0.5;
        taint->unpriced = i == 1;
        ck_assert_ptr_eq(taints_entry(&taints, (category_t)(2 - i), asset), taint);
    }
    taints_write(&taints, &out);
    ck_assert(taints_read(out.data, out.size, &back));
    ck_assert_int_eq(back.count, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(back.items[i].category, i);
        ck_assert_uint_eq(back.items[i].asset.size, strlen(assets[2 - i]));
        ck_assert_double_eq(back.items[i].held, 3 - i);
        ck_assert_double_eq(back.items[i].left, 2.5 - i);
        ck_assert_int_eq(back.items[i].unpriced, i == 1);
    }
    for (size_t size = 0; size < out.size; size++) ck_assert(!taints_read(out.data, size, &back));
    buf_clear(&out);
}
END_TEST

START_TEST(past_the_limit_assets_share_one_entry) {
    taints_t taints = {0};
    char names[2 * TAINTS_MAX][8];
    for (int i = 0; i < 2 * TAINTS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "A%03d", i);
        taint_t *taint = taints_entry(&taints, CATEGORY_SCAM, (text_t){names[i], strlen(names[i])});
        ck_assert_int_eq(taint->others, i >= TAINTS_MAX - CATEGORY_COUNT);
        taint->left += 1;
    }
    for (int i = 0; i < CATEGORY_COUNT; i++) taints_entry(&taints, (category_t)i, (text_t){"B", 1});
    ck_assert_int_eq(taints.count, TAINTS_MAX);
}
END_TEST

START_TEST(a_credit_carries_its_taint) {
    credit_t credit = {.transfer = {.tx_id = {"t", 1}, .src = {"a", 1}, .dst = {"b", 1}, .amount = 10},
                       .value = 10,
                       .is_tainted = true,
                       .tainted = {[CATEGORY_THEFT] = 2.5, [CATEGORY_SANCTIONED] = 10}};
    static event_t back;
    buf_t out = {0};
    event_add_credit(&out, &credit);
    ck_assert_ptr_null(event_read(out.data, out.size, &back));
    ck_assert(back.credit.is_tainted);
    for (int i = 0; i < CATEGORY_COUNT; i++) ck_assert_double_eq(back.credit.tainted[i], credit.tainted[i]);
    for (size_t size = 0; size < out.size; size++) ck_assert_ptr_nonnull(event_read(out.data, size, &back));
    /* More than the transfer itself. */
    credit.tainted[CATEGORY_THEFT] = 11;
    buf_reset(&out);
    event_add_credit(&out, &credit);
    ck_assert_ptr_nonnull(event_read(out.data, out.size, &back));
    buf_clear(&out);
}
END_TEST

START_TEST(a_labelled_wallet_taints_what_it_sends) {
    fixture_t *fixture = fixture_new(NULL, 3, 0);
    label(fixture, "thief", "theft");
    pay(fixture, "thief", "a", 100, "ETH");
    pay(fixture, "clean", "a", 300, "ETH");
    pay(fixture, "a", "b", 200, "ETH");
    fixture_commit(fixture);
    ck_assert_double_eq(taint_of(fixture, "thief", "theft", "ETH").sourced, 100);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "ETH").held, 50);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "ETH").received, 100);
    ck_assert_double_eq(taint_of(fixture, "b", "theft", "ETH").held, 50);
    ck_assert_double_eq(taint_of(fixture, "clean", "theft", "ETH").held, 0);
    fixture_free(fixture);
}
END_TEST

START_TEST(an_unsure_label_taints_a_part) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    label_surely(fixture, "maybe", "theft", 0.25);
    label(fixture, "thief", "theft");
    pay(fixture, "maybe", "a", 100, "");
    /* What it holds already counts first. */
    pay(fixture, "thief", "maybe", 10, "");
    pay(fixture, "maybe", "b", 20, "");
    pay(fixture, "thief", "maybe", 10, "");
    pay(fixture, "maybe", "c", 10, "");
    fixture_commit(fixture);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "").held, 25);
    ck_assert_double_eq(taint_of(fixture, "b", "theft", "").held, 10);
    ck_assert_double_eq(taint_of(fixture, "c", "theft", "").held, 10);
    ck_assert_double_eq(taint_of(fixture, "maybe", "theft", "").sourced, 25);
    ck_assert_double_eq(taint_of(fixture, "maybe", "theft", "").held, 0);
    fixture_free(fixture);
}
END_TEST

START_TEST(each_asset_has_its_own_balance_and_taint) {
    fixture_t *fixture = fixture_new(NULL, 3, 0);
    label(fixture, "thief", "theft");
    label(fixture, "crook", "scam");
    static const char *const assets[] = {"ETH", "USDT", ""};
    for (int i = 0; i < 3; i++) pay(fixture, "clean", "a", 100, assets[i]);
    pay(fixture, "thief", "a", 100, "USDT");
    pay(fixture, "crook", "a", 300, "");
    pay(fixture, "a", "b", 100, "ETH");
    pay(fixture, "a", "b", 100, "USDT");
    pay(fixture, "a", "b", 100, "");
    fixture_commit(fixture);
    ck_assert_double_eq(taint_of(fixture, "b", "theft", "ETH").held, 0);
    ck_assert_double_eq(taint_of(fixture, "b", "theft", "USDT").held, 50);
    ck_assert_double_eq(taint_of(fixture, "b", "scam", "").held, 75);
    ck_assert_double_eq(taint_of(fixture, "a", "scam", "").held, 225);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_service_ends_taint_and_a_mixer_taints_anew) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    label(fixture, "thief", "theft");
    label(fixture, "exchange", "exchange");
    label(fixture, "mixer", "mixer");
    pay(fixture, "thief", "exchange", 100, "");
    pay(fixture, "thief", "mixer", 40, "");
    pay(fixture, "exchange", "a", 100, "");
    pay(fixture, "mixer", "a", 50, "");
    fixture_commit(fixture);
    ck_assert_double_eq(taint_of(fixture, "exchange", "theft", "").left, 100);
    ck_assert_double_eq(taint_of(fixture, "exchange", "theft", "").held, 0);
    ck_assert_double_eq(taint_of(fixture, "mixer", "theft", "").left, 40);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "").received, 0);
    ck_assert_double_eq(taint_of(fixture, "a", "mixer", "").held, 50);
    fixture_free(fixture);
}
END_TEST

START_TEST(what_a_wallet_holds_leaves_when_it_becomes_a_service) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    label(fixture, "thief", "theft");
    pay(fixture, "thief", "a", 100, "");
    pay(fixture, "thief", "a", 10, "ETH");
    fixture_commit(fixture);
    label(fixture, "a", "exchange");
    pay(fixture, "a", "b", 100, "");
    fixture_commit(fixture);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "").left, 100);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "ETH").left, 10);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "ETH").held, 0);
    ck_assert_double_eq(taint_of(fixture, "b", "theft", "").received, 0);
    fixture_free(fixture);
}
END_TEST

START_TEST(what_was_tainted_stays_so_when_the_label_is_withdrawn) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    label(fixture, "thief", "theft");
    pay(fixture, "thief", "a", 100, "");
    fixture_commit(fixture);
    ck_assert_ptr_null(fixture_label(fixture, "thief", NULL));
    pay(fixture, "thief", "a", 100, "");
    fixture_commit(fixture);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "").held, 100);
    ck_assert_double_eq(taint_of(fixture, "thief", "theft", "").sourced, 100);
    fixture_free(fixture);
}
END_TEST

START_TEST(taint_is_a_reason_with_its_share_and_amounts) {
    fixture_t *fixture =
        fixture_new_with("{\"taint\":{\"weight\":0.8},\"exposure\":{\"hop_weights\":[1,0,0,0,0]}}", 2, 0);
    label(fixture, "thief", "sanctioned");
    pay(fixture, "thief", "a", 25, "");
    pay(fixture, "clean", "a", 75, "");
    pay(fixture, "a", "b", 10, "");
    fixture_commit(fixture);
    json_t *wallet = fixture_wallet(fixture, "a");
    const json_t *evidence = evidence_of(wallet, "taint_sanctioned");
    ck_assert_msg(evidence, "%s", json_dumps(wallet, 0));
    ck_assert_double_eq(number(evidence, "share"), 0.25);
    ck_assert_double_eq(number(evidence, "tainted_value"), 25);
    ck_assert_double_eq(number(evidence, "received_value"), 100);
    ck_assert_double_eq(number(wallet, "score"), 20);
    json_decref(wallet);
    const json_t *last = fixture_last(fixture, TOPIC_TRANSACTION_RISK);
    evidence = evidence_of(last, "taint_sanctioned");
    ck_assert_ptr_nonnull(evidence);
    ck_assert_double_eq(number(evidence, "share"), 0.25);
    ck_assert_double_eq(number(evidence, "tainted_amount"), 2.5);
    ck_assert_double_eq(number(evidence, "amount"), 10);
    ck_assert_double_eq(number(last, "score"), 20);
    fixture_free(fixture);
}
END_TEST

START_TEST(the_labelled_wallet_itself_is_not_blamed_twice) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    label(fixture, "one", "sanctioned");
    label(fixture, "two", "sanctioned");
    pay(fixture, "one", "two", 25, "");
    fixture_commit(fixture);
    json_t *wallet = fixture_wallet(fixture, "two");
    ck_assert_ptr_null(evidence_of(wallet, "taint_sanctioned"));
    json_decref(wallet);
    const json_t *transfer = json_array_get(fixture_emitted(fixture, TOPIC_TRANSACTION_RISK), 0);
    ck_assert_ptr_null(evidence_of(transfer, "taint_sanctioned"));
    fixture_free(fixture);
}
END_TEST

START_TEST(small_shares_are_no_reason_and_the_smallest_do_not_go_on) {
    fixture_t *fixture = fixture_new_with("{\"taint\":{\"min_share\":0.1,\"least_share\":0.02}}", 1, 0);
    label(fixture, "thief", "theft");
    pay(fixture, "thief", "a", 5, "");
    pay(fixture, "clean", "a", 95, "");
    pay(fixture, "a", "b", 50, "");
    pay(fixture, "clean", "b", 150, "");
    pay(fixture, "b", "c", 100, "");
    fixture_commit(fixture);
    json_t *wallet = fixture_wallet(fixture, "a");
    ck_assert_ptr_null(evidence_of(wallet, "taint_theft"));
    json_decref(wallet);
    ck_assert_double_eq(taint_of(fixture, "b", "theft", "").received, 2.5);
    ck_assert_double_eq(taint_of(fixture, "b", "theft", "").held, 1.25);
    ck_assert_double_eq(taint_of(fixture, "b", "theft", "").left, 1.25);
    ck_assert_double_eq(taint_of(fixture, "c", "theft", "").received, 0);
    fixture_free(fixture);
}
END_TEST

START_TEST(by_poison_one_drop_taints_the_whole_balance) {
    fixture_t *fixture = fixture_new_with("{\"taint\":{\"method\":\"poison\"}}", 2, 0);
    label(fixture, "thief", "theft");
    pay(fixture, "thief", "a", 1, "");
    pay(fixture, "clean", "a", 99, "");
    pay(fixture, "a", "b", 60, "");
    fixture_commit(fixture);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "").held, 40);
    ck_assert_double_eq(taint_of(fixture, "b", "theft", "").held, 60);
    fixture_free(fixture);
}
END_TEST

START_TEST(taint_can_be_off) {
    fixture_t *fixture = fixture_new_with("{\"taint\":{\"method\":\"off\"}}", 2, 0);
    label(fixture, "thief", "theft");
    pay(fixture, "thief", "a", 1, "");
    fixture_commit(fixture);
    ck_assert_double_eq(taint_of(fixture, "a", "theft", "").received, 0);
    fixture_free(fixture);
}
END_TEST

enum { WALLETS = 30, TRANSFERS = 400, ASSETS = 3, SEEDS = 40, LABELS = 5 };
static const char *const assets[ASSETS] = {"", "ETH", "USDT"};
static const char *const categories[LABELS] = {"sanctioned", "mixer", "darknet", "exchange", "scam"};

/* Over all wallets, per category and asset, and that none holds more than what it can have. */
static void check_books(fixture_t *fixture, double seen[WALLETS][ASSETS], uint64_t seed) {
    double sourced[LABELS][ASSETS] = {{0}}, gone[LABELS][ASSETS] = {{0}};
    for (int w = 0; w < WALLETS; w++) {
        char name[16];
        snprintf(name, sizeof name, "w%d", w);
        json_t *record = fixture_wallet(fixture, name);
        for (int i = 0; i < LABELS * ASSETS; i++) {
            int c = i / ASSETS, a = i % ASSETS;
            taint_t taint = taint_in(record, categories[c], assets[a]);
            ck_assert_msg(taint.held >= 0 && taint.held <= seen[w][a] * (1 + 1e-9),
                          "%s holds %g of %s in \"%s\", but only ever got %g; seed %lu", name, taint.held,
                          categories[c], assets[a], seen[w][a], seed);
            ck_assert_msg(taint.sourced >= 0 && taint.left >= 0 && taint.received >= 0, "seed %lu", seed);
            sourced[c][a] += taint.sourced;
            gone[c][a] += taint.held + taint.left;
        }
        json_decref(record);
    }
    for (int i = 0; i < LABELS * ASSETS; i++) {
        int c = i / ASSETS, a = i % ASSETS;
        ck_assert_msg(fabs(sourced[c][a] - gone[c][a]) <= 1e-9 * sourced[c][a],
                      "%s in \"%s\": %.17g sourced, but %.17g held or left; seed %lu", categories[c],
                      assets[a], sourced[c][a], gone[c][a], seed);
    }
}

static void run_books(uint64_t seed) {
    uint64_t random = seed;
    double seen[WALLETS][ASSETS] = {{0}};
    fixture_t *fixture = fixture_new(NULL, 1 + (int)random_below(&random, 5), seed);
    for (int i = 0; i < TRANSFERS; i++) {
        char src[16], dst[16];
        uint32_t from = random_below(&random, WALLETS), to = random_below(&random, WALLETS),
                 asset = random_below(&random, ASSETS);
        snprintf(src, sizeof src, "w%u", from);
        snprintf(dst, sizeof dst, "w%u", to);
        if (random_below(&random, 20) == 0)
            label_surely(fixture, src, categories[random_below(&random, LABELS)],
                         (1 + random_below(&random, 4)) / 4.0);
        if (random_below(&random, 40) == 0) ck_assert_ptr_null(fixture_label(fixture, dst, NULL));
        double amount = exp2(random_below(&random, 60)) / 1e6 * (1 + random_below(&random, 1000) / 7.0);
        if (random_below(&random, 30) == 0) amount = 0;
        send(fixture, src, dst, amount, assets[asset]);
        seen[to][asset] += amount;
        if (random_below(&random, 3) == 0) fixture_deliver(fixture, random_below(&random, 8));
        if (random_below(&random, 50) == 0) fixture_commit(fixture);
    }
    fixture_commit(fixture);
    check_books(fixture, seen, seed);
    fixture_free(fixture);
}

START_TEST(taint_neither_appears_nor_vanishes) {
    uint64_t seed = random_seed(20260301);
    int runs = getenv("AMLSTREAM_TEST_SEED") ? 1 : SEEDS;
    while (runs-- > 0) run_books(seed++);
}
END_TEST

/* Every wallet's balance and taint, worked out by hand beside the model, in the order of arrival. */
START_TEST(haircut_equals_a_plain_account_of_it) {
    static const int from[] = {0, 1, 1, 2, 1, 3, 2, 4, 3}, to[] = {1, 2, 3, 3, 4, 2, 4, 1, 0};
    static const double amounts[] = {90, 30, 45, 50, 33, 70, 20, 11, 64};
    double balance[5] = {0}, held[5] = {0};
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    label(fixture, "w0", "scam");
    pay(fixture, "x", "w1", 60, "");
    balance[1] = 60;
    for (int i = 0; i < 9; i++) {
        char src[8], dst[8];
        int f = from[i], t = to[i];
        snprintf(src, sizeof src, "w%d", f);
        snprintf(dst, sizeof dst, "w%d", t);
        pay(fixture, src, dst, amounts[i], "");
        fixture_commit(fixture);
        double part = f == 0 ? amounts[i] : held[f] * fmin(amounts[i] / fmax(balance[f], amounts[i]), 1);
        if (amounts[i] > balance[f] && f != 0) part = held[f];
        if (f != 0) held[f] -= part;
        balance[f] = fmax(balance[f] - amounts[i], 0);
        balance[t] += amounts[i];
        held[t] += part;
        for (int w = 1; w < 5; w++) {
            char name[8];
            snprintf(name, sizeof name, "w%d", w);
            ck_assert_double_eq_tol(taint_of(fixture, name, "scam", "").held, held[w], 1e-9);
        }
    }
    fixture_free(fixture);
}
END_TEST

int main(void) {
    return suite_run("taint",
                     (const TTest *const[]){a_transfer_takes_the_held_share_with_it,
                                            what_was_not_seen_to_arrive_counts_as_clean,
                                            poison_taints_all_that_is_sent,
                                            a_list_of_taints_comes_back_as_it_was_written,
                                            past_the_limit_assets_share_one_entry,
                                            a_credit_carries_its_taint,
                                            a_labelled_wallet_taints_what_it_sends,
                                            an_unsure_label_taints_a_part,
                                            each_asset_has_its_own_balance_and_taint,
                                            a_service_ends_taint_and_a_mixer_taints_anew,
                                            what_a_wallet_holds_leaves_when_it_becomes_a_service,
                                            what_was_tainted_stays_so_when_the_label_is_withdrawn,
                                            taint_is_a_reason_with_its_share_and_amounts,
                                            the_labelled_wallet_itself_is_not_blamed_twice,
                                            small_shares_are_no_reason_and_the_smallest_do_not_go_on,
                                            by_poison_one_drop_taints_the_whole_balance,
                                            taint_can_be_off,
                                            haircut_equals_a_plain_account_of_it,
                                            taint_neither_appears_nor_vanishes,
                                            NULL},
                     120);
}
