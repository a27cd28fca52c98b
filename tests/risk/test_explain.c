#include "risk/explain/explain.h"

#include "common/hash.h"
#include "common/timestamp.h"
#include "risk/limits.h"
#include "support_fixture.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { T0 = 1700000000 };
#define AT(seconds_) ((T0 + (int64_t)(seconds_)) * 1000)

/* The state at hand: all tasks, or one of them. */
typedef struct {
    fixture_t *fixture;
    risk_t *only; /* NULL: all */
} at_hand_t;

static risk_t *risk_of(void *context, const char *wallet, size_t size) {
    const at_hand_t *at_hand = context;
    char name[WALLET_SIZE_MAX + 1];
    memcpy(name, wallet, size);
    name[size] = '\0';
    risk_t *risk = fixture_task(at_hand->fixture, name);
    return !at_hand->only || at_hand->only == risk ? risk : NULL;
}

static bool gather(explanation_t *explanation, fixture_t *fixture, risk_t *only) {
    at_hand_t at_hand = {fixture, only};
    return explanation_gather(explanation, &(explain_state_t){&at_hand, risk_of});
}

static json_t *json_of(const explanation_t *explanation) {
    buf_t text = {0};
    explanation_json(explanation, &text);
    json_t *json = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_msg(json, "%.*s", (int)text.size, text.data);
    buf_clear(&text);
    return json;
}

static json_t *explain_within(fixture_t *fixture, const char *wallet, const explain_limits_t *limits) {
    explanation_t *explanation = explanation_new(wallet, strlen(wallet), limits);
    ck_assert(gather(explanation, fixture, NULL));
    ck_assert(explanation_is_complete(explanation));
    json_t *json = json_of(explanation);
    explanation_free(explanation);
    return json;
}

static json_t *explain(fixture_t *fixture, const char *wallet) {
    return explain_within(fixture, wallet, &explain_limits_standard);
}

static const char *string(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    ck_assert_msg(value, "no string %s", key);
    return value;
}

static json_t *item(const json_t *object, const char *key, size_t index) {
    json_t *value = json_array_get(json_object_get(object, key), index);
    ck_assert_msg(value, "no %s[%zu]", key, index);
    return value;
}

static size_t count(const json_t *object, const char *key) {
    return json_array_size(json_object_get(object, key));
}

static void label(fixture_t *fixture, const char *wallet, const char *category) {
    char value[200];
    snprintf(value, sizeof value, "{\"category\":\"%s\",\"source\":\"list\",\"date\":\"2022-08-08\"}",
             category);
    ck_assert_ptr_null(fixture_label(fixture, wallet, value));
}

/* One that has arrived before the next is sent. */
static void transfer(fixture_t *fixture, const char *tx_id, const char *src, const char *dst, double amount,
                     int64_t ms) {
    fixture_transfer(fixture, tx_id, src, dst, amount, ms);
    fixture_commit(fixture);
}

/* lazarus → mule → alice, with a second transfer on the last hop, which is later though it came first. */
static fixture_t *two_hops(int tasks) {
    fixture_t *fixture = fixture_new(NULL, tasks, 0);
    label(fixture, "lazarus", "sanctioned");
    transfer(fixture, "t1", "lazarus", "mule", 100, AT(0));
    transfer(fixture, "t3", "mule", "alice", 30, AT(20));
    transfer(fixture, "t2", "mule", "alice", 60, AT(10));
    transfer(fixture, "t4", "alice", "shop", 5, AT(30));
    fixture_commit(fixture);
    return fixture;
}

static const json_t *finding_of(const json_t *why, const char *typology) {
    size_t i;
    const json_t *finding;
    json_array_foreach(json_object_get(why, "findings"), i, finding) {
        if (strcmp(string(finding, "typology"), typology) == 0) return finding;
    }
    ck_abort_msg("no finding %s", typology);
    return NULL;
}

START_TEST(a_path_names_the_transfers_of_each_hop_and_the_label_it_ends_at) {
    fixture_t *fixture = two_hops(4);
    json_t *why = explain(fixture, "alice");
    ck_assert_str_eq(string(why, "wallet"), "alice");
    ck_assert(json_is_true(json_object_get(why, "complete")));
    ck_assert(number(json_object_get(why, "state"), "score") > 0);
    ck_assert_uint_eq(count(why, "paths"), 1);
    const json_t *path = item(why, "paths", 0);
    ck_assert_str_eq(string(path, "category"), "sanctioned");
    ck_assert_str_eq(string(path, "label"), "lazarus");
    ck_assert_str_eq(string(json_object_get(path, "labelled"), "source"), "list");
    ck_assert_str_eq(string(json_object_get(path, "labelled"), "date"), "2022-08-08T00:00:00.000Z");
    ck_assert(number(path, "hops") == 2 && number(path, "contribution") > 0);
    const json_t *near = item(path, "path", 0), *far = item(path, "path", 1);
    ck_assert_uint_eq(count(path, "path"), 2);
    ck_assert_str_eq(string(near, "from"), "mule");
    ck_assert_str_eq(string(near, "to"), "alice");
    ck_assert_str_eq(json_string_value(item(near, "tx_ids", 0)), "t2");
    ck_assert_str_eq(json_string_value(item(near, "tx_ids", 1)), "t3");
    ck_assert(number(near, "transfers") == 2 && number(near, "value") == 90);
    ck_assert_str_eq(string(near, "first"), "2023-11-14T22:13:30.000Z");
    ck_assert_str_eq(string(near, "last"), "2023-11-14T22:13:40.000Z");
    ck_assert_str_eq(string(far, "from"), "lazarus");
    ck_assert_str_eq(string(far, "to"), "mule");
    ck_assert_str_eq(json_string_value(item(far, "tx_ids", 0)), "t1");
    json_decref(why);

    why = explain(fixture, "lazarus");
    ck_assert(number(item(why, "paths", 0), "hops") == 0);
    ck_assert_uint_eq(count(item(why, "paths", 0), "path"), 0);
    json_decref(why);
    fixture_free(fixture);
}
END_TEST

START_TEST(what_is_with_another_task_is_marked_and_goes_on_there) {
    fixture_t *fixture = two_hops(7);
    risk_t *alice = fixture_task(fixture, "alice"), *mule = fixture_task(fixture, "mule"),
           *lazarus = fixture_task(fixture, "lazarus");
    ck_assert(alice != mule && mule != lazarus && alice != lazarus);
    explanation_t *explanation = explanation_new("alice", 5, &explain_limits_standard);
    ck_assert(!gather(explanation, fixture, mule));
    ck_assert(!explanation_is_known(explanation));
    ck_assert(gather(explanation, fixture, alice));
    ck_assert(explanation_is_known(explanation) && !explanation_is_complete(explanation));

    json_t *why = json_of(explanation);
    const json_t *path = item(why, "paths", 0);
    ck_assert(json_is_false(json_object_get(path, "complete")));
    ck_assert_str_eq(string(path, "continues_at"), "mule");
    /* The transfer that brought it; that t2 is earlier mule's task knows. */
    ck_assert_str_eq(json_string_value(item(item(path, "path", 0), "tx_ids", 0)), "t3");
    json_decref(why);

    ck_assert(!gather(explanation, fixture, lazarus));
    ck_assert(gather(explanation, fixture, mule));
    why = json_of(explanation);
    ck_assert_str_eq(string(item(why, "paths", 0), "continues_at"), "lazarus");
    json_decref(why);
    ck_assert(gather(explanation, fixture, lazarus));
    ck_assert(explanation_is_complete(explanation));
    why = json_of(explanation);
    json_t *at_once = explain(fixture, "alice");
    ck_assert(json_equal(why, at_once));
    json_decref(why);
    json_decref(at_once);
    explanation_free(explanation);
    fixture_free(fixture);
}
END_TEST

START_TEST(counterparties_are_ranked_by_exposure_taint_and_value) {
    fixture_t *fixture = two_hops(3);
    transfer(fixture, "t5", "employer", "alice", 5000, AT(40));
    transfer(fixture, "t6", "alice", "employer", 1, AT(41));
    transfer(fixture, "t7", "friend", "alice", 20, AT(42));
    transfer(fixture, "t8", "alice", "cafe", 2, AT(43));
    fixture_commit(fixture);
    json_t *why = explain(fixture, "alice");
    static const char *const expected[] = {"mule", "shop", "cafe", "employer", "friend"};
    ck_assert_uint_eq(count(why, "contributors"), 5);
    for (size_t i = 0; i < 5; i++)
        ck_assert_str_eq(string(item(why, "contributors", i), "wallet"), expected[i]);
    ck_assert(number(item(why, "contributors", 0), "exposures") == 1);
    ck_assert(number(item(why, "contributors", 0), "contribution") ==
              number(item(why, "paths", 0), "contribution"));
    const json_t *employer = item(why, "contributors", 3);
    ck_assert(number(json_object_get(employer, "received"), "value") == 5000);
    ck_assert(number(json_object_get(employer, "sent"), "value") == 1);
    ck_assert(number(json_object_get(employer, "sent"), "tainted") > 0); /* a part of what mule sent */
    ck_assert(number(json_object_get(employer, "received"), "tainted") == 0);
    ck_assert(number(json_object_get(item(why, "contributors", 0), "received"), "tainted") == 90);
    ck_assert_ptr_null(json_object_get(item(why, "contributors", 1), "received"));
    ck_assert(number(json_object_get(why, "counterparties"), "senders") == 3);
    json_decref(why);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_destination_is_a_path_along_what_was_paid) {
    fixture_t *fixture = fixture_new(NULL, 5, 0);
    label(fixture, "market", "darknet");
    transfer(fixture, "t1", "alice", "mule", 10, AT(0));
    transfer(fixture, "t2", "mule", "market", 10, AT(1));
    json_t *why = explain(fixture, "alice");
    const json_t *path = item(why, "paths", 0), *mule = item(why, "contributors", 0);
    ck_assert_str_eq(string(path, "direction"), "destination");
    ck_assert_str_eq(string(path, "label"), "market");
    ck_assert_str_eq(string(item(path, "path", 0), "from"), "alice");
    ck_assert_str_eq(json_string_value(item(item(path, "path", 0), "tx_ids", 0)), "t1");
    ck_assert_str_eq(string(item(path, "path", 1), "to"), "market");
    ck_assert_str_eq(json_string_value(item(item(path, "path", 1), "tx_ids", 0)), "t2");
    ck_assert_str_eq(string(mule, "wallet"), "mule");
    ck_assert(number(mule, "exposures") == 1);
    ck_assert_ptr_null(json_object_get(mule, "received"));
    json_decref(why);

    why = explain(fixture, "market");
    ck_assert_uint_eq(count(why, "paths"), 1);
    json_decref(why);
    fixture_free(fixture);
}
END_TEST

/* All first transfers go to cases, as none is rare in so short a stream. */
static const char all_join[] = "{\"detectors\":{\"network\":{\"min_bits\":0}}}";

START_TEST(a_pattern_over_many_wallets_is_explained_at_each_of_them) {
    static const char *const ring[] = {"a", "b", "c", "d"};
    fixture_t *fixture = fixture_new_with(all_join, FIXTURE_TASKS_MAX, 0);
    char id[16];
    for (int i = 0; i < 4; i++) {
        snprintf(id, sizeof id, "t%d", i);
        transfer(fixture, id, ring[i], ring[(i + 1) % 4], 100, AT(i * 3600));
    }
    int elsewhere = 0;
    for (int i = 0; i < 4; i++) {
        json_t *why = explain(fixture, ring[i]);
        const json_t *finding = finding_of(why, "cycle");
        ck_assert_uint_eq(count(finding, "tx_ids"), 4);
        ck_assert_uint_eq(count(finding, "wallets"), 4);
        json_decref(why);

        /* Its own task alone knows only where the case is. */
        explanation_t *explanation = explanation_new(ring[i], 1, &explain_limits_standard);
        gather(explanation, fixture, fixture_task(fixture, ring[i]));
        why = json_of(explanation);
        finding = finding_of(why, "cycle");
        if (count(finding, "tx_ids") == 0) {
            ck_assert(json_is_false(json_object_get(finding, "complete")));
            ck_assert_uint_eq(strlen(string(finding, "continues_at")), 1);
            ck_assert(!explanation_is_complete(explanation));
            elsewhere++;
        }
        json_decref(why);
        explanation_free(explanation);
    }
    ck_assert_int_ge(elsewhere, 1);

    /* Long after, in another case: what is not of the finding is not named for it. */
    transfer(fixture, "t9", "b", "x", 1, AT(90 * 24 * 3600));
    for (int i = 0; i < 4; i++) {
        json_t *why = explain(fixture, ring[i]);
        size_t n;
        const json_t *tx_id;
        json_array_foreach(json_object_get(finding_of(why, "cycle"), "tx_ids"), n, tx_id)
            ck_assert_str_ne(json_string_value(tx_id), "t9");
        json_decref(why);
    }
    fixture_free(fixture);
}
END_TEST

START_TEST(limits_hold_and_say_what_they_left_out) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    char name[16], id[16];
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "bad%d", i);
        snprintf(id, sizeof id, "t%d", i);
        label(fixture, name, i % 2 ? "sanctioned" : "scam");
        fixture_transfer(fixture, id, name, i < 2 ? "alice" : "mule", 1 + i, AT(i));
    }
    fixture_transfer(fixture, "t4", "mule", "alice", 10, AT(10));
    fixture_commit(fixture);
    json_t *why = explain(fixture, "alice");
    ck_assert_uint_eq(count(why, "paths"), 4);
    ck_assert(number(why, "paths_left_out") == 0);
    json_decref(why);
    why = explain_within(fixture, "alice", &(explain_limits_t){1, 10, 50});
    ck_assert_uint_eq(count(why, "paths"), 2);
    ck_assert(number(why, "paths_left_out") == 2);
    json_decref(why);
    why = explain_within(fixture, "alice", &(explain_limits_t){4, 1, 50});
    ck_assert_uint_eq(count(why, "paths"), 2);
    ck_assert_str_eq(string(item(why, "paths", 0), "category"), "sanctioned"); /* weighs most */
    json_decref(why);
    why = explain_within(fixture, "alice", &(explain_limits_t){4, 10, 1});
    ck_assert_uint_eq(count(why, "paths"), 1);
    ck_assert_uint_eq(count(why, "contributors"), 1);
    json_decref(why);
    fixture_free(fixture);
}
END_TEST

static fixture_t *fan_in(int senders) {
    fixture_t *fixture = fixture_new(NULL, 3, 0);
    char name[16], id[16];
    for (int i = 0; i < senders; i++) {
        snprintf(name, sizeof name, "s%d", i);
        snprintf(id, sizeof id, "t%d", i);
        fixture_transfer(fixture, id, name, "alice", 1 + i % 100, AT(i));
    }
    fixture_commit(fixture);
    return fixture;
}

START_TEST(a_finding_names_its_transfers) {
    fixture_t *fixture = fan_in(15);
    json_t *why = explain(fixture, "alice");
    const json_t *finding = finding_of(why, "fan_in");
    ck_assert(number(finding, "senders") == 15);
    ck_assert(number(finding, "contribution") > 0);
    ck_assert_uint_eq(count(finding, "tx_ids"), 15);
    ck_assert_uint_eq(count(finding, "wallets"), 15);
    ck_assert_ptr_null(json_object_get(finding, "names_transfer"));
    json_decref(why);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_transfer_is_explained_by_both_its_sides) {
    fixture_t *fixture = fan_in(15);
    label(fixture, "s3", "scam");
    fixture_commit(fixture);
    explanation_t *sender = explanation_new("s3", 2, &explain_limits_standard),
                  *receiver = explanation_new("alice", 5, &explain_limits_standard);
    explanation_set_transfer(sender, "t3", 2, "alice", 5, true);
    explanation_set_transfer(receiver, "t3", 2, "s3", 2, false);
    gather(sender, fixture, NULL);
    gather(receiver, fixture, NULL);
    ck_assert(explanation_has_transfer(sender));
    buf_t text = {0};
    explanation_transfer_json(sender, receiver, &text);
    json_t *why = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(why);
    ck_assert_str_eq(string(why, "tx_id"), "t3");
    ck_assert_str_eq(string(json_object_get(why, "edge"), "to"), "alice");
    ck_assert_str_eq(json_string_value(item(json_object_get(why, "edge"), "tx_ids", 0)), "t3");
    ck_assert_str_eq(string(item(json_object_get(why, "sender"), "paths", 0), "category"), "scam");
    const json_t *finding = finding_of(json_object_get(why, "receiver"), "fan_in");
    ck_assert(json_is_true(json_object_get(finding, "names_transfer")));
    json_decref(why);
    buf_clear(&text);
    explanation_free(sender);
    explanation_free(receiver);

    sender = explanation_new("s3", 2, &explain_limits_standard);
    explanation_set_transfer(sender, "t9", 2, "s4", 2, true);
    gather(sender, fixture, NULL);
    ck_assert(!explanation_has_transfer(sender));
    explanation_free(sender);
    fixture_free(fixture);
}
END_TEST

START_TEST(an_address_may_be_asked_for_in_checksum_form) {
    static const char checksummed[] = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    fixture_transfer(fixture, "t", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "b", 1, AT(0));
    fixture_commit(fixture);
    json_t *why = explain(fixture, checksummed);
    ck_assert_str_eq(string(why, "wallet"), "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");
    ck_assert_str_eq(string(why, "asked_as"), checksummed);
    json_decref(why);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_hub_is_explained_in_bounded_time) {
    fixture_t *fixture = fan_in(10000);
    int64_t began_us = clock_monotonic_us();
    json_t *why = explain(fixture, "alice");
    double ms = (double)(clock_monotonic_us() - began_us) / 1000;
    ck_assert(number(json_object_get(why, "counterparties"), "senders") == 10000);
    ck_assert(number(json_object_get(why, "counterparties"), "ranked") == EXPLAIN_EDGES_MAX);
    ck_assert_uint_eq(count(why, "contributors"), 50);
    printf("a wallet of 10000 transfers: %.1f ms\n", ms);
    ck_assert(ms < 1000); /* with the sanitizers; without, some ms */
    json_decref(why);
    fixture_free(fixture);
}
END_TEST

/* --- random graphs: whatever is told stands in the transfers */

enum { WALLETS = 40, TRANSFERS = 160, LABELS = 5 };

typedef struct {
    int from, to;
} sent_t;

static int wallet_number(const char *name) { return atoi(name + 1); }

static void check_path(const json_t *path, int wallet, const sent_t *sent) {
    int at = wallet;
    size_t i;
    const json_t *hop;
    const char *direction = string(path, "direction");
    ck_assert(json_is_true(json_object_get(path, "complete")));
    ck_assert(number(path, "hops") == (double)count(path, "path"));
    json_array_foreach(json_object_get(path, "path"), i, hop) {
        int from = wallet_number(string(hop, "from")), to = wallet_number(string(hop, "to"));
        if (strcmp(direction, "source") == 0) ck_assert_int_eq(to, at);
        if (strcmp(direction, "destination") == 0) ck_assert_int_eq(from, at);
        ck_assert(from == at || to == at);
        size_t n;
        const json_t *id;
        ck_assert_uint_gt(count(hop, "tx_ids"), 0);
        json_array_foreach(json_object_get(hop, "tx_ids"), n, id) {
            const sent_t *transfer = &sent[atoi(json_string_value(id) + 1)];
            ck_assert(transfer->from == from && transfer->to == to);
        }
        at = from == at ? to : from;
    }
    ck_assert_int_eq(wallet_number(string(path, "label")), at);
}

/* Its own label stands in the list of each direction, and is one path. */
static size_t path_count(const json_t *record) {
    size_t i, others = 0, own = 0;
    const json_t *exposure;
    json_array_foreach(json_object_get(record, "exposures"), i, exposure) {
        if (number(exposure, "hops") == 0)
            own = 1;
        else
            others++;
    }
    return others + own;
}

/* One task at a time, in a random order. */
static json_t *explain_piecemeal(fixture_t *fixture, const char *wallet, uint64_t *random) {
    explanation_t *explanation = explanation_new(wallet, strlen(wallet), &explain_limits_most);
    for (int steps = 0; !explanation_is_complete(explanation); steps++) {
        ck_assert_int_lt(steps, 2000);
        char name[16];
        snprintf(name, sizeof name, "w%u", random_below(random, WALLETS));
        gather(explanation, fixture, fixture_task(fixture, name));
    }
    json_t *json = json_of(explanation);
    explanation_free(explanation);
    return json;
}

static void run_seed(uint64_t seed) {
    uint64_t random = seed;
    fixture_t *fixture = fixture_new_with("{\"exposure\":{\"either\":0.1}}",
                                          1 + (int)random_below(&random, FIXTURE_TASKS_MAX), seed);
    sent_t sent[TRANSFERS];
    char from[16], to[16], id[16];
    static const char *const categories[] = {"sanctioned", "scam", "darknet", "mixer", "theft"};
    for (int i = 0; i < LABELS; i++) {
        snprintf(from, sizeof from, "w%u", random_below(&random, WALLETS));
        label(fixture, from, categories[i]);
    }
    fixture_commit(fixture);
    for (int i = 0; i < TRANSFERS; i++) {
        sent[i] = (sent_t){(int)random_below(&random, WALLETS), (int)random_below(&random, WALLETS)};
        snprintf(from, sizeof from, "w%d", sent[i].from);
        snprintf(to, sizeof to, "w%d", sent[i].to);
        snprintf(id, sizeof id, "t%d", i);
        fixture_transfer(fixture, id, from, to, 1, AT(i));
    }
    fixture_commit(fixture);
    for (int wallet = 0; wallet < WALLETS; wallet++) {
        snprintf(from, sizeof from, "w%d", wallet);
        json_t *record = fixture_wallet(fixture, from);
        if (!record) continue;
        json_t *why = explain_within(fixture, from, &explain_limits_most),
               *piecemeal = explain_piecemeal(fixture, from, &random);
        ck_assert_msg(json_equal(why, piecemeal), "%s; seed %lu", from, seed);
        ck_assert(json_equal(json_object_get(why, "state"), record));
        ck_assert_uint_eq(count(why, "paths"), path_count(record));
        size_t i;
        const json_t *path;
        json_array_foreach(json_object_get(why, "paths"), i, path) check_path(path, wallet, sent);
        json_decref(why);
        json_decref(piecemeal);
        json_decref(record);
    }
    fixture_free(fixture);
}

START_TEST(every_path_stands_in_the_transfers_however_it_is_gathered) {
    uint64_t seed = random_seed(1);
    for (int runs = getenv("AMLSTREAM_TEST_SEED") ? 1 : 30; runs-- > 0; seed++) run_seed(seed);
}
END_TEST

int main(void) {
    return suite_run("explain",
                     (const TTest *const[]){
                         a_path_names_the_transfers_of_each_hop_and_the_label_it_ends_at,
                         what_is_with_another_task_is_marked_and_goes_on_there,
                         counterparties_are_ranked_by_exposure_taint_and_value,
                         a_destination_is_a_path_along_what_was_paid,
                         a_pattern_over_many_wallets_is_explained_at_each_of_them,
                         limits_hold_and_say_what_they_left_out, a_finding_names_its_transfers,
                         a_transfer_is_explained_by_both_its_sides,
                         an_address_may_be_asked_for_in_checksum_form, a_hub_is_explained_in_bounded_time,
                         every_path_stands_in_the_transfers_however_it_is_gathered, NULL},
                     200);
}
