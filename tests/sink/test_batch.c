#include "sink/batch.h"
#include "tests/sink/support_records.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static batch_t *batch;

static void setup(void) { batch = batch_new(); }
static void teardown(void) { batch_free(batch); }

static const char *text_at(table_id_t table, int row, int column) {
    static char text[512];
    const value_t *value = &rows_at(&batch->rows[table], row)[column];
    if (value->size < 0) return "null";
    snprintf(text, sizeof text, "%.*s", value->size, value->data);
    return text;
}

START_TEST(a_transfer_becomes_a_row_with_its_numbers_as_they_stand) {
    setup();
    add(batch, INPUT_TRANSFERS, 3, 7, 7,
        transfer_json("t\\u0031", "w1", "0.10000000000000000001", "[{\"code\": \"x\"}]"));
    ck_assert_int_eq(batch->rows[TABLE_TRANSACTIONS].count, 1);
    ck_assert_str_eq(text_at(TABLE_TRANSACTIONS, 0, 0), "t1");
    ck_assert_str_eq(text_at(TABLE_TRANSACTIONS, 0, 3), "0.10000000000000000001");
    ck_assert_str_eq(text_at(TABLE_TRANSACTIONS, 0, 4), "null");
    ck_assert_str_eq(text_at(TABLE_TRANSACTIONS, 0, 8), "[{\"code\": \"x\"}]");
    ck_assert_int_eq(batch->segments[0].expected, 7);
    ck_assert_int_eq(batch->segments[0].next, 8);
    ck_assert_uint_eq(batch->segments[0].last_tx_id_size, 2);
    teardown();
}
END_TEST

START_TEST(the_record_may_be_gone_once_it_was_added) {
    setup();
    char *json = strdup(transfer_json("t1", "w1", "5", "[]"));
    add(batch, INPUT_TRANSFERS, 0, 0, 0, json);
    memset(json, 'x', strlen(json));
    free(json);
    ck_assert_str_eq(text_at(TABLE_TRANSACTIONS, 0, 1), "w1");
    teardown();
}
END_TEST

START_TEST(of_a_wallet_only_the_greatest_version_is_kept) {
    setup();
    static const int64_t versions[] = {3, 5, 4, 5, 1};
    for (int i = 0; i < 5; i++) add(batch, INPUT_SCORES, 0, 0, i, score_json("w1", versions[i], i));
    add(batch, INPUT_SCORES, 0, 0, 5, score_json("w2", 1, 9));
    const rows_t *rows = &batch->rows[TABLE_RISK_SCORES];
    ck_assert_int_eq(rows->count, 2);
    ck_assert_int_eq(rows_at(rows, 0)[3].integer, 5);
    ck_assert_double_eq(rows_at(rows, 0)[1].number, 1);
    ck_assert_int_eq(rows->origins[0].offset, 1);
    ck_assert_int_eq(batch->segments[0].found.duplicates, 3);
    teardown();
}
END_TEST

static int find(const rows_t *rows, const char *id) {
    value_t values[COLUMNS_MAX];
    values[rows->table->key] = (value_t){.data = id, .size = (int32_t)strlen(id)};
    return rows_find(rows, values);
}

START_TEST(thousands_of_rows_are_each_found_by_their_key) {
    setup();
    char id[32];
    for (int i = 0; i < 5000; i++) {
        snprintf(id, sizeof id, "t%d", i % 4000);
        add(batch, INPUT_TRANSFERS, i % 3, 0, i, transfer_json(id, "w1", "1", "[]"));
    }
    const rows_t *rows = &batch->rows[TABLE_TRANSACTIONS];
    ck_assert_int_eq(rows->count, 4000);
    for (int i = 0; i < 4000; i++) {
        snprintf(id, sizeof id, "t%d", i);
        ck_assert_int_eq(find(rows, id), i);
    }
    ck_assert_int_eq(find(rows, "t4000"), -1);
    ck_assert_int_eq(batch->segment_count, 3);
    int64_t duplicates = 0;
    for (int i = 0; i < 3; i++) duplicates += batch->segments[i].found.duplicates;
    ck_assert_int_eq(duplicates, 1000);
    teardown();
}
END_TEST

START_TEST(rows_are_put_in_the_order_of_their_keys) {
    setup();
    static const char *const ids[] = {"b", "aa", "a", "ab", "B", ""};
    static const char *const sorted[] = {"", "B", "a", "aa", "ab", "b"};
    for (int i = 0; i < 6; i++) add(batch, INPUT_TRANSFERS, 0, 0, i, transfer_json(ids[i], "w1", "1", "[]"));
    rows_t *rows = &batch->rows[TABLE_TRANSACTIONS];
    rows_sort(rows);
    for (int i = 0; i < 6; i++) ck_assert_str_eq(text_at(TABLE_TRANSACTIONS, rows->order[i], 0), sorted[i]);
    teardown();
}
END_TEST

START_TEST(a_bad_record_is_kept_with_its_reason_and_the_batch_goes_on) {
    static const struct {
        input_t input;
        const char *json, *reason;
    } bad[] = {
        {INPUT_TRANSFERS, NULL, "no value"},
        {INPUT_TRANSFERS, "", "empty record"},
        {INPUT_TRANSFERS, "{\"tx_id\":\"t\"}", "\"src\" is missing"},
        {INPUT_TRANSFERS, "{\"tx_id\":5}", "\"tx_id\" must be a string of UTF-8 without NUL"},
        {INPUT_TRANSFERS, "{\"tx_id\":\"a\\u0000\"}", "\"tx_id\" must be a string of UTF-8 without NUL"},
        {INPUT_TRANSFERS, "{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"5\"}",
         "\"amount\" must be a number"},
        {INPUT_TRANSFERS,
         "{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":5,\"timestamp\":\"yesterday\"}",
         "\"timestamp\" must be a time in ISO 8601"},
        {INPUT_SCORES, "{\"wallet\":\"w\",\"score\":1e999}", "\"score\" must be a number"},
        {INPUT_SCORES, "{\"wallet\":\"w\",\"score\":1,\"level\":\"low\",\"version\":1.5}",
         "\"version\" must be a whole number of 64 bits"},
        {INPUT_SCORES, "{\"wallet\":\"w\",\"score\":1,\"level\":\"low\",\"version\":9223372036854775808}",
         "\"version\" must be a whole number of 64 bits"},
    };
    setup();
    enum { COUNT = sizeof bad / sizeof *bad };
    for (int i = 0; i < COUNT; i++) add(batch, bad[i].input, 0, 0, i, bad[i].json);
    add(batch, INPUT_TRANSFERS, 0, 0, COUNT, transfer_json("good", "w1", "1", "[]"));
    ck_assert_int_eq(batch->refusal_count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_str_eq(batch->refusals[i].reason, bad[i].reason);
        ck_assert_int_eq(batch->refusals[i].offset, i);
        ck_assert_uint_eq(batch->refusals[i].payload_size, bad[i].json ? strlen(bad[i].json) : 0);
        ck_assert_int_eq(batch->refusals[i].payload == NULL, bad[i].json == NULL);
    }
    ck_assert_int_eq(batch->rows[TABLE_TRANSACTIONS].count, 1);
    ck_assert_int_eq(batch->segments[0].found.rejected + batch->segments[1].found.rejected, COUNT);
    ck_assert_int_eq(batch->segments[0].next, COUNT + 1);
    teardown();
}
END_TEST

START_TEST(a_dead_letter_keeps_reason_and_source) {
    setup();
    static char large[100000];
    memset(large, 'a', sizeof large);
    record_t record = {.offset = 4,
                       .value = large,
                       .size = sizeof large,
                       .error = "bad \xff\x01 bytes",
                       .source_topic = "transactions",
                       .source_partition = 2,
                       .source_offset = 99};
    batch_add(batch, batch_segment(batch, &(position_t){INPUT_DEAD_LETTERS, 1, 4}), &record);
    const refusal_t *refusal = &batch->refusals[0];
    ck_assert_str_eq(refusal->reason, "bad ?? bytes");
    ck_assert_str_eq(refusal->source_topic, "transactions");
    ck_assert_int_eq(refusal->source_partition, 2);
    ck_assert_int_eq(refusal->source_offset, 99);
    ck_assert_uint_eq(refusal->payload_size, sizeof large);
    teardown();
}
END_TEST

START_TEST(a_batch_that_was_reset_is_as_new) {
    setup();
    for (int round = 0; round < 3; round++) {
        ck_assert(batch_is_empty(batch));
        add(batch, INPUT_TRANSFERS, 0, 0, 0, transfer_json("t1", "w1", "1", "[]"));
        add(batch, INPUT_TRANSFERS, 0, 0, 1, "bad");
        ck_assert(!batch_is_empty(batch));
        ck_assert_int_eq(batch->rows[TABLE_TRANSACTIONS].count, 1);
        ck_assert_int_eq(batch->segments[0].found.duplicates, 0);
        ck_assert_int_eq(batch->refusal_count, 1);
        batch_reset(batch);
    }
    teardown();
}
END_TEST

int main(void) {
    const TTest *const tests[] = {a_transfer_becomes_a_row_with_its_numbers_as_they_stand,
                                  the_record_may_be_gone_once_it_was_added,
                                  of_a_wallet_only_the_greatest_version_is_kept,
                                  thousands_of_rows_are_each_found_by_their_key,
                                  rows_are_put_in_the_order_of_their_keys,
                                  a_bad_record_is_kept_with_its_reason_and_the_batch_goes_on,
                                  a_dead_letter_keeps_reason_and_source,
                                  a_batch_that_was_reset_is_as_new,
                                  NULL};
    return suite_run("sink/batch", tests, 60);
}
