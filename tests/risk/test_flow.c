#include "risk/rules.h"
#include "state/task_store.h"
#include "support_fixture.h"
#include "tests/support/suite.h"

#include <stdlib.h>
#include <string.h>

enum { T0 = 1700000000 };
#define AT(seconds_) ((T0 + (int64_t)(seconds_)) * 1000)

static const char *string(const json_t *object, const char *key) {
    const char *value = json_string_value(json_object_get(object, key));
    ck_assert_msg(value, "no string %s", key);
    return value;
}

START_TEST(a_transfer_gives_a_risk_record_and_a_score_for_each_side) {
    fixture_t *fixture = fixture_new(NULL, 3, 0);
    fixture_transfer(fixture, "t1", "alice", "bob", 12.5, AT(0));
    fixture_commit(fixture);

    const json_t *risks = fixture_emitted(fixture, TOPIC_TRANSACTION_RISK);
    ck_assert_uint_eq(json_array_size(risks), 1);
    const json_t *risk = json_array_get(risks, 0);
    ck_assert_str_eq(string(risk, "_key"), "alice");
    ck_assert_str_eq(string(risk, "tx_id"), "t1");
    ck_assert_str_eq(string(risk, "src"), "alice");
    ck_assert_str_eq(string(risk, "dst"), "bob");
    ck_assert(number(risk, "amount") == 12.5);
    ck_assert(json_is_null(json_object_get(risk, "asset")));
    ck_assert_str_eq(string(risk, "timestamp"), "2023-11-14T22:13:20.000Z");
    ck_assert(number(risk, "score") == 0);
    ck_assert_str_eq(string(risk, "level"), "low");
    ck_assert_uint_eq(json_array_size(json_object_get(risk, "reasons")), 0);

    ck_assert_uint_eq(json_array_size(fixture_emitted(fixture, TOPIC_SCORES)), 2);
    json_t *bob = fixture_wallet(fixture, "bob");
    ck_assert(number(bob, "version") == 1);
    ck_assert(number(bob, "in_degree") == 1);
    ck_assert(number(bob, "out_degree") == 0);
    ck_assert(number(bob, "received_count") == 1);
    ck_assert(number(bob, "received_total") == 12.5);
    ck_assert_str_eq(string(bob, "updated_at"), "2023-11-14T22:13:20.000Z");
    json_decref(bob);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_transfer_that_comes_twice_counts_once) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    for (int i = 0; i < 2; i++) fixture_transfer(fixture, "t1", "alice", "bob", 1, AT(0));
    fixture_commit(fixture);
    fixture_transfer(fixture, "t1", "alice", "bob", 1, AT(5));
    fixture_commit(fixture);
    risk_counters_t counters = fixture_counters(fixture);
    ck_assert_uint_eq(counters.transfers, 1);
    ck_assert_uint_eq(counters.duplicates, 2);
    ck_assert_uint_eq(counters.scores, 2);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_transfer_to_oneself_is_sent_and_received) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    for (int i = 0; i < 2; i++) fixture_transfer(fixture, i ? "t2" : "t1", "alice", "alice", 2, AT(0));
    fixture_commit(fixture);
    json_t *alice = fixture_wallet(fixture, "alice");
    ck_assert(number(alice, "sent_count") == 2 && number(alice, "received_count") == 2);
    ck_assert(number(alice, "in_degree") == 1 && number(alice, "out_degree") == 1);
    ck_assert(number(alice, "sent_total") == 4 && number(alice, "received_total") == 4);
    ck_assert_uint_eq(fixture_counters(fixture).new_wallets, 1);
    json_decref(alice);
    fixture_free(fixture);
}
END_TEST

START_TEST(changes_between_two_commits_are_one_score_record) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    char tx_id[16];
    for (int i = 0; i < 10; i++) {
        snprintf(tx_id, sizeof tx_id, "t%d", i);
        fixture_transfer(fixture, tx_id, "alice", "bob", 1, AT(i));
    }
    fixture_deliver(fixture, SIZE_MAX);
    fixture_commit(fixture);
    fixture_commit(fixture);
    ck_assert_uint_eq(json_array_size(fixture_emitted(fixture, TOPIC_SCORES)), 2);
    ck_assert_str_eq(string(fixture_last(fixture, TOPIC_SCORES), "tx_id"), "t9");
    fixture_free(fixture);
}
END_TEST

START_TEST(an_asset_and_odd_names_come_through_unharmed) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    transfer_t transfer = {.tx_id = {"\"\\", 2},
                           .src = {"ä\"", 3},
                           .dst = {"b\\", 2},
                           .asset = {"ETH", 3},
                           .amount = 1e-18,
                           .timestamp_ms = AT(0)};
    risk_transfer(fixture_task(fixture, "ä\""), &transfer);
    fixture_commit(fixture);
    const json_t *risk = fixture_last(fixture, TOPIC_TRANSACTION_RISK);
    ck_assert_str_eq(string(risk, "tx_id"), "\"\\");
    ck_assert_str_eq(string(risk, "src"), "ä\"");
    ck_assert_str_eq(string(risk, "dst"), "b\\");
    ck_assert_str_eq(string(risk, "asset"), "ETH");
    ck_assert(number(risk, "amount") == 1e-18);
    fixture_free(fixture);
}
END_TEST

START_TEST(what_reached_another_task_is_done_at_the_right_one) {
    fixture_t *fixture = fixture_new(NULL, 4, 0);
    buf_t event = {0};
    transfer_t transfer = {.tx_id = {"t1", 2},
                           .src = {"alice", 5},
                           .dst = {"bob", 3},
                           .asset = {"ETH", 3},
                           .amount = 3,
                           .timestamp_ms = AT(0),
                           .record_ms = AT(1)};
    risk_event_of_transfer(&event, &transfer);
    for (int i = 0; i < 2; i++)
        ck_assert_ptr_null(risk_event(fixture_task(fixture, "alice"), event.data, event.size));
    buf_reset(&event);
    const char label[] = "{\"category\":\"sanctioned\",\"source\":\"list\"}";
    risk_event_of_label(&event, "alice", 5, label, sizeof label - 1);
    ck_assert_ptr_null(risk_event(fixture_task(fixture, "alice"), event.data, event.size));
    fixture_commit(fixture);
    ck_assert_uint_eq(fixture_counters(fixture).duplicates, 1);
    json_t *alice = fixture_wallet(fixture, "alice"), *bob = fixture_wallet(fixture, "bob");
    ck_assert(number(alice, "score") == 100);
    ck_assert(number(bob, "score") == 60);
    json_decref(alice);
    json_decref(bob);

    buf_reset(&event);
    risk_event_of_label(&event, "alice", 5, NULL, 0);
    ck_assert_ptr_null(risk_event(fixture_task(fixture, "alice"), event.data, event.size));
    fixture_commit(fixture);
    alice = fixture_wallet(fixture, "alice");
    ck_assert(number(alice, "score") == 0);
    json_decref(alice);
    buf_clear(&event);
    fixture_free(fixture);
}
END_TEST

START_TEST(damaged_events_are_refused) {
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    buf_t event = {0};
    transfer_t transfer = {
        .tx_id = {"t1", 2}, .src = {"a", 1}, .dst = {"b", 1}, .asset = {"", 0}, .amount = 1};
    risk_event_of_transfer(&event, &transfer);
    for (size_t size = 0; size < event.size; size++) {
        char *copy = malloc(size ? size : 1);
        memcpy(copy, event.data, size);
        ck_assert_ptr_nonnull(risk_event(fixture_task(fixture, "a"), copy, size));
        free(copy);
    }
    event.data[0] = 9;
    ck_assert_ptr_nonnull(strstr(risk_event(fixture_task(fixture, "a"), event.data, event.size), "version"));
    event.data[0] = 1;
    event.data[1] = 77;
    ck_assert_ptr_nonnull(strstr(risk_event(fixture_task(fixture, "a"), event.data, event.size), "kind"));
    ck_assert_uint_eq(fixture_counters(fixture).transfers, 0);
    buf_clear(&event);
    fixture_free(fixture);
}
END_TEST

START_TEST(random_bytes_never_harm) {
    uint64_t random = 20260102;
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    for (int i = 0; i < 20000; i++) {
        size_t size = random_next(&random) % 200;
        uint8_t *bytes = malloc(size ? size : 1);
        for (size_t at = 0; at < size; at++)
            bytes[at] = (uint8_t)(random_next(&random) % (at < 20 ? 3 : 256));
        if (size > 1) {
            bytes[0] = 1;
            bytes[1] = (uint8_t)(1 + random_next(&random) % 12);
        }
        risk_event(fixture_task(fixture, "a"), bytes, size);
        free(bytes);
    }
    fixture_free(fixture);
}
END_TEST

START_TEST(a_label_that_is_none_changes_nothing) {
    static const struct {
        const char *value, *reason;
    } cases[] = {
        {"", "empty"},
        {"{", "not JSON"},
        {"[]", "object"},
        {"{}", "no \"category\""},
        {"{\"category\":3}", "must be a string"},
        {"{\"category\":\"nice\"}", "one of sanctioned"},
        {"{\"category\":\"scam\",\"confidence\":2}", "from 0 to 1"},
        {"{\"category\":\"scam\",\"source\":1}", "source"},
        {"{\"category\":\"scam\",\"note\":[]}", "note"},
    };
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *reason = fixture_label(fixture, "a", cases[i].value);
        ck_assert_msg(reason && strstr(reason, cases[i].reason), "%s: %s", cases[i].value,
                      reason ? reason : "accepted");
    }
    ck_assert_ptr_nonnull(fixture_label(fixture, "", "{\"category\":\"scam\"}"));
    ck_assert_ptr_null(fixture_wallet(fixture, "a"));
    fixture_free(fixture);
}
END_TEST

START_TEST(a_label_in_checksum_form_is_that_of_the_wallet_in_lower_case) {
    static const char checksummed[] = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
                      lower[] = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
    fixture_t *fixture = fixture_new(NULL, 1, 0);
    ck_assert_ptr_null(
        fixture_label(fixture, checksummed, "{\"category\":\"sanctioned\",\"date\":\"2022-08-08\"}"));
    fixture_transfer(fixture, "t1", lower, "b", 1, AT(0));
    fixture_commit(fixture);
    json_t *source = fixture_wallet(fixture, checksummed), *receiver = fixture_wallet(fixture, "b");
    ck_assert_str_eq(string(source, "wallet"), lower);
    ck_assert_str_eq(string(json_object_get(source, "label"), "address"), checksummed);
    ck_assert_str_eq(string(json_object_get(source, "label"), "date"), "2022-08-08T00:00:00.000Z");
    ck_assert_str_eq(string(json_array_get(json_object_get(receiver, "exposures"), 0), "label"), lower);
    json_decref(source);
    json_decref(receiver);

    /* A list that was put into lower case still says how the address is written. */
    ck_assert_ptr_null(fixture_label(fixture, lower,
                                     "{\"category\":\"sanctioned\",\"as_of\":1659916800,\"address\":"
                                     "\"0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED\"}"));
    source = fixture_wallet(fixture, lower);
    ck_assert_str_eq(string(json_object_get(source, "label"), "address"),
                     "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED");
    ck_assert_str_eq(string(json_object_get(source, "label"), "date"), "2022-08-08T00:00:00.000Z");
    json_decref(source);

    ck_assert_ptr_null(fixture_label(fixture, checksummed, NULL));
    source = fixture_wallet(fixture, lower);
    ck_assert_ptr_null(json_object_get(source, "label"));
    json_decref(source);
    fixture_free(fixture);
}
END_TEST

START_TEST(a_labelled_wallet_shows_its_label) {
    fixture_t *fixture = fixture_new(NULL, 2, 0);
    static const char *const values[] = {
        "{\"category\":\"exchange\",\"source\":\"list A\",\"confidence\":0.5,\"note\":\"hot\\nwallet\"}",
        "{\"category\":\"exchange\",\"source\":\"list B\"}",
    };
    ck_assert_ptr_null(fixture_label(fixture, "a", values[0]));
    fixture_commit(fixture);
    json_t *wallet = fixture_wallet(fixture, "a");
    const json_t *label = json_object_get(wallet, "label");
    ck_assert_str_eq(string(label, "category"), "exchange");
    ck_assert_str_eq(string(label, "source"), "list A");
    ck_assert_str_eq(string(label, "note"), "hot\nwallet");
    ck_assert(number(label, "confidence") == 0.5);
    ck_assert(json_is_null(json_object_get(wallet, "updated_at")));
    json_decref(wallet);

    ck_assert_ptr_null(fixture_label(fixture, "a", values[1]));
    fixture_commit(fixture);
    const json_t *scores = fixture_emitted(fixture, TOPIC_SCORES);
    ck_assert_uint_eq(json_array_size(scores), 2);
    ck_assert_str_eq(string(json_object_get(fixture_last(fixture, TOPIC_SCORES), "label"), "source"),
                     "list B");
    for (int i = 0; i < 2; i++) ck_assert_ptr_null(fixture_label(fixture, "a", NULL));
    fixture_commit(fixture);
    ck_assert_uint_eq(json_array_size(scores), 3);
    ck_assert_ptr_null(json_object_get(fixture_last(fixture, TOPIC_SCORES), "label"));
    fixture_free(fixture);
}
END_TEST

/* One task on the real store, whose events wait in a list until they are asked for. */
typedef struct {
    task_store_t *store;
    risk_t *risk;
    buf_t events[8];
    size_t event_count;
    int scores;
} lone_t;

static void lone_send(void *context, const char *wallet, size_t wallet_size, const void *event, size_t size,
                      bool deferrable) {
    (void)wallet, (void)wallet_size, (void)deferrable;
    lone_t *lone = context;
    ck_assert_uint_lt(lone->event_count, sizeof lone->events / sizeof *lone->events);
    buf_add(&lone->events[lone->event_count++], event, size);
}

static void lone_emit(void *context, topic_t topic, const char *key, size_t key_size, const char *value,
                      size_t size) {
    (void)key, (void)key_size, (void)value, (void)size;
    lone_t *lone = context;
    lone->scores += topic == TOPIC_SCORES;
}

static void lone_transact(lone_t *lone, bool commit) {
    static const char label[] = "{\"category\":\"sanctioned\"}";
    transfer_t transfer = {
        .tx_id = {"t1", 2}, .src = {"a", 1}, .dst = {"b", 1}, .asset = {"", 0}, .amount = 1};
    risk_transfer(lone->risk, &transfer);
    ck_assert_ptr_null(risk_label(lone->risk, "a", 1, label, sizeof label - 1));
    ck_assert_uint_eq(lone->event_count, 1);
    ck_assert_ptr_null(risk_event(lone->risk, lone->events[0].data, lone->events[0].size));
    lone->scores = 0;
    if (commit) {
        risk_commit(lone->risk);
        task_store_committed(lone->store, 0);
    } else {
        size_t sent = lone->event_count;
        task_store_aborted(lone->store);
        risk_abort(lone->risk);
        risk_commit(lone->risk);
        ck_assert_int_eq(lone->scores, 0);
        ck_assert_uint_eq(lone->event_count, sent);
    }
}

START_TEST(an_abort_forgets_everything) {
    lone_t lone = {0};
    rules_t *rules;
    must(rules_load(NULL, &rules));
    must(task_store_new(NULL, INT64_C(1000000), &lone.store));
    lone.risk = risk_new(rules, task_store_store(lone.store),
                         (risk_out_t){.context = &lone, .send = lone_send, .emit = lone_emit});
    for (int round = 0; round < 3; round++) {
        lone_transact(&lone, round == 2);
        buf_t json = {0};
        ck_assert_int_eq(risk_wallet_json(lone.risk, "a", 1, &json), round == 2);
        if (round == 2) {
            ck_assert_int_eq(lone.scores, 2);
            /* The credit, b's answer that it is new, and what it is to hear of a's label. */
            ck_assert_uint_eq(lone.event_count, 3);
            ck_assert_ptr_nonnull(strstr(buf_cstr(&json), "\"version\":1,\"in_degree\":0,\"out_degree\":1,"));
        }
        buf_clear(&json);
        for (size_t i = 0; i < lone.event_count; i++) buf_clear(&lone.events[i]);
        lone.event_count = 0;
    }
    risk_free(lone.risk);
    task_store_free(lone.store);
    rules_free(rules);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        a_transfer_gives_a_risk_record_and_a_score_for_each_side,
        a_transfer_that_comes_twice_counts_once,
        a_transfer_to_oneself_is_sent_and_received,
        changes_between_two_commits_are_one_score_record,
        an_asset_and_odd_names_come_through_unharmed,
        what_reached_another_task_is_done_at_the_right_one,
        damaged_events_are_refused,
        random_bytes_never_harm,
        a_label_that_is_none_changes_nothing,
        a_label_in_checksum_form_is_that_of_the_wallet_in_lower_case,
        a_labelled_wallet_shows_its_label,
        an_abort_forgets_everything,
        NULL,
    };
    return suite_run("flow", tests, 60);
}
