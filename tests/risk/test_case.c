#include "risk/case.h"
#include "risk/wallet.h"
#include "support_fixture.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 60, WALLETS = 24, TRANSFERS_MAX = 40 };

#define T0_MS  INT64_C(1700000000000)
#define DAY_MS INT64_C(86400000)

/* All first transfers go to cases, as none is rare in so short a stream. */
static const char all_join[] = "{\"detectors\":{\"network\":{\"min_bits\":0}}}";

static fixture_t *fixture;
static int tx_number;

static void setup(void) {
    tx_number = 0;
    fixture = fixture_new_with(all_join, 3, 0);
}

static void teardown(void) { fixture_free(fixture); }

static void pay(const char *src, const char *dst, int64_t ms) {
    char tx_id[16];
    snprintf(tx_id, sizeof tx_id, "t%d", tx_number++);
    fixture_transfer(fixture, tx_id, src, dst, 10, T0_MS + ms);
}

static void pay_now(const char *src, const char *dst, int64_t ms) {
    pay(src, dst, ms);
    fixture_commit(fixture);
}

static int alerts(const char *typology, const json_t **last) {
    int count = 0;
    size_t i;
    const json_t *alert;
    json_array_foreach(fixture_emitted(fixture, TOPIC_ALERTS), i, alert) {
        if (strcmp(json_string_value(json_object_get(alert, "typology")), typology)) continue;
        count++;
        if (last) *last = alert;
    }
    return count;
}

static const char *code_of_first_reason(const json_t *record) {
    const json_t *first = json_array_get(json_object_get(record, "reasons"), 0);
    return first ? json_string_value(json_object_get(first, "code")) : "";
}

/* The last record of a transfer. */
static const json_t *risk_of(const char *tx_id) {
    size_t i;
    const json_t *record, *last = NULL;
    json_array_foreach(fixture_emitted(fixture, TOPIC_TRANSACTION_RISK), i,
                       record) if (!strcmp(json_string_value(json_object_get(record, "tx_id")), tx_id)) last =
        record;
    return last;
}

START_TEST(a_ring_over_many_tasks_is_an_alert_that_names_all_of_it) {
    pay_now("c", "d", DAY_MS);
    pay_now("a", "b", 2 * DAY_MS);
    pay_now("d", "a", 3 * DAY_MS);
    ck_assert_int_eq(alerts("cycle", NULL), 0);
    pay_now("b", "c", 4 * DAY_MS);
    const json_t *alert;
    ck_assert_int_eq(alerts("cycle", &alert), 1);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), 4);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "wallets")), 4);
    ck_assert_uint_eq(strlen(json_string_value(json_object_get(alert, "alert_id"))), 32);
}
END_TEST

START_TEST(what_a_case_finds_raises_its_transfers_and_wallets) {
    pay_now("c", "d", 0);
    ck_assert_ptr_null(json_object_get(risk_of("t0"), "revision"));
    double before = json_number_value(json_object_get(risk_of("t0"), "score"));
    pay_now("a", "b", 0);
    pay_now("d", "a", 0);
    pay_now("b", "c", 0);
    for (int i = 0; i < 4; i++) {
        char tx_id[16];
        snprintf(tx_id, sizeof tx_id, "t%d", i);
        const json_t *record = risk_of(tx_id);
        ck_assert_int_ge(json_integer_value(json_object_get(record, "revision")), 1);
        ck_assert(json_number_value(json_object_get(record, "score")) > before);
        ck_assert_str_eq(code_of_first_reason(record), "cycle");
    }
    static const char *const wallets[] = {"a", "b", "c", "d"};
    for (int i = 0; i < 4; i++) {
        json_t *wallet = fixture_wallet(fixture, wallets[i]);
        ck_assert_str_eq(code_of_first_reason(wallet), "cycle");
        json_decref(wallet);
    }
}
END_TEST

START_TEST(what_is_further_apart_than_the_window_is_no_case) {
    pay_now("a", "b", 0);
    pay_now("b", "c", 31 * DAY_MS);
    pay_now("c", "a", 62 * DAY_MS);
    ck_assert_int_eq(alerts("network", NULL), 0);
    ck_assert_int_eq(alerts("cycle", NULL), 0);
    /* A late one counts while it is inside. */
    pay_now("c", "d", 61 * DAY_MS);
    pay_now("d", "e", 40 * DAY_MS);
    ck_assert_int_eq(alerts("network", NULL), 1);
}
END_TEST

START_TEST(mules_join_a_case_whatever_is_usual) {
    static const char text[] = "{\"detectors\":{\"network\":{\"min_bits\":30},"
                               "\"first_seen_large\":{\"min_value\":5,\"weight\":1}}}";
    static const char plain[] = "{\"detectors\":{\"network\":{\"min_bits\":30}}}";
    for (int mules = 0; mules < 2; mules++) {
        teardown();
        fixture = fixture_new_with(mules ? text : plain, 3, 0);
        pay_now("a", "b", 0);
        pay_now("b", "c", 1);
        pay_now("c", "a", 2);
        ck_assert_int_eq(alerts("cycle", NULL), mules);
    }
}
END_TEST

START_TEST(a_service_is_part_of_no_case) {
    fixture_label(fixture, "exchange", "{\"category\":\"exchange\"}");
    fixture_commit(fixture);
    for (char name[] = "a"; name[0] < 'z'; name[0]++) {
        pay_now(name, "exchange", 0);
        char other[] = {'r', name[0], 0};
        pay_now("exchange", other, 0);
    }
    ck_assert_int_eq(alerts("network", NULL), 0);
}
END_TEST

START_TEST(a_case_keeps_its_newest_transfers_and_is_told_each_time_it_doubles) {
    char name[16];
    for (int i = 0; i < CASE_TRANSFERS_MAX; i++) {
        snprintf(name, sizeof name, "r%d", i);
        pay_now("hub", name, i * 1000);
    }
    const json_t *alert;
    ck_assert_int_eq(alerts("network", &alert), 5);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), CASE_TRANSFERS_MAX);
    for (int i = 0; i < CASE_TRANSFERS_MAX; i++) {
        snprintf(name, sizeof name, "s%d", i);
        pay_now(name, "r0", i * 1000);
    }
    alerts("network", &alert);
    ck_assert_uint_eq(json_array_size(json_object_get(alert, "tx_ids")), CASE_TRANSFERS_MAX);
}
END_TEST

/* Where the wallet's roots lead to, and what is gathered there; count 0 where it has no case. */
static void follow(const char *wallet, char root[WALLET_SIZE_MAX + 1], case_t *out) {
    strcpy(root, wallet);
    for (int steps = 0;; steps++) {
        ck_assert_int_lt(steps, WALLETS);
        wallet_key_t key;
        wallet_t record;
        size_t size;
        store_t *store = fixture_store(fixture, root);
        out->count = 0;
        ck_assert(wallet_read(store, (text_t){root, strlen(root)}, &record));
        key_of_number(&key, KEY_CASE, record.number);
        const case_header_t *header = store_get(store, key.data, key.size, &size);
        if (!header) return;
        size_t begins = sizeof *header + header->root_size;
        ck_assert(case_transfers_read((const char *)header + begins, size - begins, header->transfer_count,
                                      out->transfers));
        out->count = header->transfer_count;
        if (!header->root_size) return;
        ck_assert_int_eq(out->count, 0);
        memcpy(root, header + 1, header->root_size);
        root[header->root_size] = 0;
    }
}

typedef struct {
    int src, dst;
} planted_t;

/* What is connected, by spreading numbers until nothing changes. */
static void components(const planted_t *planted, int count, int of[WALLETS]) {
    for (int i = 0; i < WALLETS; i++) of[i] = i;
    for (bool changed = true; changed;) {
        changed = false;
        for (int i = 0; i < count; i++) {
            int *src = &of[planted[i].src], *dst = &of[planted[i].dst];
            changed |= *src != *dst;
            *src = *dst = *src < *dst ? *src : *dst;
        }
    }
}

static void run_seed(uint64_t seed) {
    uint64_t random = seed;
    planted_t planted[TRANSFERS_MAX];
    int count = 0, of[WALLETS], wanted = 1 + (int)random_below(&random, TRANSFERS_MAX);
    char names[WALLETS][8];
    fixture = fixture_new_with(all_join, 1 + (int)random_below(&random, FIXTURE_TASKS_MAX), seed);
    for (int i = 0; i < WALLETS; i++) snprintf(names[i], sizeof names[i], "w%d", i);
    for (int tries = 0; tries < 400 && count < wanted; tries++) {
        planted_t next = {(int)random_below(&random, WALLETS), (int)random_below(&random, WALLETS)};
        bool known = next.src == next.dst;
        for (int i = 0; i < count; i++) known |= planted[i].src == next.src && planted[i].dst == next.dst;
        if (known) continue;
        planted[count++] = next;
        pay(names[next.src], names[next.dst], (int64_t)random_below(&random, 20) * DAY_MS);
        fixture_deliver(fixture, random_below(&random, 4));
    }
    fixture_commit(fixture);
    components(planted, count, of);
    static case_t found;
    for (int i = 0; i < count; i++) {
        char root[WALLET_SIZE_MAX + 1], other[WALLET_SIZE_MAX + 1];
        int size = 0;
        bool there = false;
        for (int k = 0; k < count; k++) size += of[planted[k].src] == of[planted[i].src];
        follow(names[planted[i].dst], other, &found);
        follow(names[planted[i].src], root, &found);
        ck_assert_msg(!strcmp(root, other), "roots of t%d are %s and %s; seed %lu", i, root, other, seed);
        ck_assert_msg(found.count == size, "%d of %d transfers at %s; seed %lu", found.count, size, root,
                      seed);
        for (int k = 0; k < WALLETS; k++)
            if (of[k] == of[planted[i].src])
                ck_assert_msg(
                    !case_comes_before((text_t){names[k], strlen(names[k])}, (text_t){root, strlen(root)}),
                    "%s is not the first; seed %lu", root, seed);
        for (int k = 0; k < found.count; k++) {
            text_t tx_id = found.transfers[k].transfer.tx_id;
            char text[16];
            snprintf(text, sizeof text, "t%d", i);
            there |= tx_id.size == strlen(text) && !memcmp(tx_id.data, text, tx_id.size);
            ck_assert(!k || found.transfers[k].transfer.timestamp_ms >=
                                found.transfers[k - 1].transfer.timestamp_ms);
        }
        ck_assert_msg(there, "t%d is not at %s; seed %lu", i, root, seed);
    }
    fixture_free(fixture);
    tx_number = 0;
}

START_TEST(whatever_the_order_what_is_connected_is_gathered_at_its_first_wallet) {
    for (uint64_t seed = random_seed(1), end = seed + ROUNDS; seed < end; seed++) run_seed(seed);
}
END_TEST

START_TEST(damaged_transfers_of_a_case_are_refused) {
    buf_t bytes = {0};
    case_transfer_t transfer = {
        .transfer = {.tx_id = {"t", 1}, .src = {"a", 1}, .dst = {"b", 1}, .asset = {"", 0}},
        .reason_count = 1,
        .reasons = {{.kind = REASON_DETECTOR, .id = 0, .risk = 0.5f}}};
    static case_transfer_t out[CASE_TRANSFERS_MAX];
    case_transfers_write(&bytes, &transfer, 1);
    ck_assert(case_transfers_read(bytes.data, bytes.size, 1, out));
    for (size_t size = 0; size < bytes.size; size++) {
        char *cut = malloc(size + 1);
        memcpy(cut, bytes.data, size);
        ck_assert(!case_transfers_read(cut, size, 1, out));
        free(cut);
    }
    for (size_t at = 0; at < bytes.size; at++) {
        bytes.data[at] = (char)~bytes.data[at];
        case_transfers_read(bytes.data, bytes.size, 1, out);
        bytes.data[at] = (char)~bytes.data[at];
    }
    ck_assert(!case_transfers_read(bytes.data, bytes.size, CASE_TRANSFERS_MAX + 1, out));
    buf_clear(&bytes);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_ring_over_many_tasks_is_an_alert_that_names_all_of_it,
        what_a_case_finds_raises_its_transfers_and_wallets,
        what_is_further_apart_than_the_window_is_no_case,
        mules_join_a_case_whatever_is_usual,
        a_service_is_part_of_no_case,
        a_case_keeps_its_newest_transfers_and_is_told_each_time_it_doubles,
        NULL,
    };
    const TTest *const free_tests[] = {
        whatever_the_order_what_is_connected_is_gathered_at_its_first_wallet,
        damaged_transfers_of_a_case_are_refused,
        NULL,
    };
    TCase *group = suite_group("cases", tests, 60);
    tcase_add_checked_fixture(group, setup, teardown);
    return suite_run_groups(
        "cases", (TCase *const[]){group, suite_group("cases of any order", free_tests, 120), NULL});
}
