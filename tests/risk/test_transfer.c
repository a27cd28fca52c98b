#include "risk/text.h"
#include "risk/transfer.h"
#include "risk/transfer_fields.h"
#include "tests/support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORD_MS = 1234567 };

static transfer_parser_t *parser;
static char *copy; /* of exactly the record's size, so that the sanitizer sees a byte read past it */

static void setup(void) { parser = transfer_parser_new(); }

static void teardown(void) {
    transfer_parser_free(parser);
    free(copy);
    copy = NULL;
}

static const char *parse_bytes(const char *json, size_t size, transfer_t *out) {
    free(copy);
    copy = malloc(size ? size : 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, json, size);
    return transfer_parse(parser, copy, size, RECORD_MS, out);
}

static const char *parse(const char *json, transfer_t *out) { return parse_bytes(json, strlen(json), out); }

static bool is(text_t text, const char *expected) {
    return text_equal(text, (text_t){expected, strlen(expected)});
}

static void check_reason(const char *json, size_t size, const char *expected) {
    transfer_t transfer;
    const char *reason = parse_bytes(json, size, &transfer);
    ck_assert_msg(reason && strstr(reason, expected), "%.200s: %s, not \"%s\"", json,
                  reason ? reason : "accepted", expected);
    ck_assert_msg(text_is_utf8(reason, strlen(reason)), "%.200s: the reason is not UTF-8", json);
}

START_TEST(all_names_of_a_wallet_mean_the_same) {
    static const char *const records[] = {
        "{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1.5,\"asset\":\"ETH\",\"timestamp\":"
        "1700000000}",
        "{\"tx_id\":\"t\",\"sender\":\"a\",\"receiver\":\"b\",\"amount\":\"1.5\",\"asset\":\"ETH\","
        "\"timestamp\":1700000000}",
        "{\"tx_id\":\"t\",\"from\":\"a\",\"to\":\"b\",\"amount\":15e-1,\"asset\":\"ETH\",\"timestamp\":"
        "\"1700000000\"}",
        "{\"timestamp\":1700000000000,\"asset\":\"ETH\",\"amount\":1.5,\"to\":\"b\",\"from\":\"a\",\"tx_id\":"
        "\"t\",\"x\":{}}",
        " { \"tx_id\" : \"t\" , \"src\" : \"a\" , \"from\" : \"a\", \"dst\" : \"b\" , \"to\": null, "
        "\"amount\" : 1.5 ,"
        " \"asset\" : \"ETH\" , \"timestamp\" : \"2023-11-14T22:13:20Z\" } ",
        "{\"tx_id\":\"\\u0074\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1.5,\"asset\":\"ETH\",\"timestamp\":1."
        "7e9}",
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        transfer_t transfer;
        const char *reason = parse(records[i], &transfer);
        ck_assert_msg(!reason, "%s: %s", records[i], reason ? reason : "");
        ck_assert(is(transfer.tx_id, "t") && is(transfer.src, "a") && is(transfer.dst, "b") &&
                  is(transfer.asset, "ETH"));
        ck_assert(transfer.amount == 1.5);
        ck_assert_int_eq(transfer.timestamp_ms, 1700000000000);
        ck_assert_int_eq(transfer.record_ms, RECORD_MS);
    }
}
END_TEST

START_TEST(an_ethereum_address_is_read_in_lower_case) {
    static const char lower[] = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed";
    transfer_t transfer;
    ck_assert_ptr_null(
        parse("{\"tx_id\":\"t\",\"src\":\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\",\"from\":"
              "\"0X5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED\",\"dst\":"
              "\"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeD\",\"amount\":1,\"asset\":\"X\"}",
              &transfer));
    ck_assert(is(transfer.src, lower) && is(transfer.dst, lower) && is(transfer.asset, "X"));
    ck_assert_ptr_null(parse("{\"tx_id\":\"T\",\"src\":\"TLa2f6VPqDgRE67v1736s7bJ8Ray5wYjU7\",\"dst\":\"B\","
                             "\"amount\":1}",
                             &transfer));
    ck_assert(is(transfer.src, "TLa2f6VPqDgRE67v1736s7bJ8Ray5wYjU7") && is(transfer.dst, "B") &&
              is(transfer.tx_id, "T"));
    const char *reason =
        parse("{\"tx_id\":\"t\",\"src\":\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\",\"from\":"
              "\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee\",\"dst\":\"b\",\"amount\":1}",
              &transfer);
    ck_assert(reason && strstr(reason, "contradicts"));
}
END_TEST

START_TEST(every_form_of_a_timestamp_is_read) {
    static const struct {
        const char *json;
        int64_t ms;
    } cases[] = {
        {"null", RECORD_MS},
        {"1700000000", 1700000000000},
        {"1700000000.25", 1700000000250},
        {"1700000000123", 1700000000123},
        {"\"1700000000\"", 1700000000000},
        {"\"1700000000123\"", 1700000000123},
        {"\"1700000000.5\"", 1700000000500},
        {"\"2023-11-14\"", 1699920000000},
        {"\"2023-11-14T22:13\"", 1699999980000},
        {"\"2023-11-14T22:13:20\"", 1700000000000},
        {"\"2023-11-14 22:13:20\"", 1700000000000},
        {"\"2023-11-14T22:13:20.678Z\"", 1700000000678},
        {"\"2023-11-14T22:13:20.678999Z\"", 1700000000678},
        {"\"2023-11-15T00:13:20+02:00\"", 1700000000000},
        {"\"2023-11-14T17:13:20-0500\"", 1700000000000},
        {"-1", -1000},
        {"0", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[200];
        transfer_t transfer;
        snprintf(json, sizeof json,
                 "{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"timestamp\":%s}",
                 cases[i].json);
        const char *reason = parse(json, &transfer);
        ck_assert_msg(!reason, "%s: %s", json, reason ? reason : "");
        ck_assert_msg(transfer.timestamp_ms == cases[i].ms, "%s: %ld", json, (long)transfer.timestamp_ms);
    }
    transfer_t transfer;
    ck_assert_ptr_null(parse("{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}", &transfer));
    ck_assert_int_eq(transfer.timestamp_ms, RECORD_MS);
}
END_TEST

START_TEST(ids_may_be_numbers_and_amounts_text) {
    transfer_t transfer;
    ck_assert_ptr_null(
        parse("{\"tx_id\":7,\"src\":123456789012345678,\"dst\":-5,\"amount\":\"0.1\"}", &transfer));
    ck_assert(is(transfer.tx_id, "7") && is(transfer.src, "123456789012345678") && is(transfer.dst, "-5"));
    ck_assert(transfer.amount == 0.1);
    ck_assert_uint_eq(transfer.asset.size, 0);
    ck_assert_ptr_null(parse("{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":-0.0}", &transfer));
    ck_assert(transfer.amount == 0 && 1 / transfer.amount > 0);
    ck_assert_ptr_null(
        parse("{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":123456789012345678901234567890}",
              &transfer));
    ck_assert(transfer.amount == 123456789012345678901234567890.0);
}
END_TEST

START_TEST(what_is_no_transfer_has_its_reason) {
    static const struct {
        const char *json, *reason;
    } cases[] = {
        {"", "empty record"},
        {"nonsense", "not JSON"},
        {"{\"tx_id\":\"t\"", "not JSON"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1} x", "not JSON"},
        {"[1]", "not a JSON object"},
        {"\"text\"", "not JSON"},
        {"{}", "\"tx_id\""},
        {"{\"tx_id\":null,\"src\":\"a\",\"dst\":\"b\",\"amount\":1}", "\"tx_id\""},
        {"{\"tx_id\":\"\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}", "must not be empty"},
        {"{\"tx_id\":1.5,\"src\":\"a\",\"dst\":\"b\",\"amount\":1}", "string or a whole number"},
        {"{\"tx_id\":{},\"src\":\"a\",\"dst\":\"b\",\"amount\":1}", "string or a whole number"},
        {"{\"tx_id\":\"t\",\"dst\":\"b\",\"amount\":1}", "no sender"},
        {"{\"tx_id\":\"t\",\"src\":null,\"dst\":\"b\",\"amount\":1}", "no sender"},
        {"{\"tx_id\":\"t\",\"src\":\"\",\"dst\":\"b\",\"amount\":1}", "must not be empty"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"amount\":1}", "no receiver"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":[\"b\"],\"amount\":1}", "string or a whole number"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"from\":\"c\",\"dst\":\"b\",\"amount\":1}", "contradicts"},
        {"{\"tx_id\":\"t\",\"src\":\"a\\u0007\",\"dst\":\"b\",\"amount\":1}", "control characters"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\"}", "\"amount\""},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":true}", "must be a number"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":{\"value\":1}}", "must be a number"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":-3}", "must not be negative: -3"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"-3\"}", "must not be negative"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"NaN\"}", "finite number"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"inf\"}", "finite number"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"0x10\"}", "finite number"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"1e999\"}", "finite number"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"\"}", "finite number"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":\"1 \"}", "finite number"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":NaN}", "not JSON"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1e999}", "not JSON"},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"timestamp\":\"yesterday\"}",
         "\"timestamp\""},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"timestamp\":\"2023-02-29\"}",
         "\"timestamp\""},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"timestamp\":1e300}", "\"timestamp\""},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"timestamp\":false}", "\"timestamp\""},
        {"{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"asset\":[]}", "\"asset\""},
        {"{\"tx_id\":\"t\",\"src\":\"\xff\",\"dst\":\"b\",\"amount\":1}", "not JSON"},
        {"{\"tx_id\":\"t\",\"src\":\"\xc0\x80\",\"dst\":\"b\",\"amount\":1}", "not JSON"},
        {"{\"tx_id\":\"t\",\"src\":\"\xed\xa0\x80\",\"dst\":\"b\",\"amount\":1}", "not JSON"},
        {"{\"tx_id\":\"t\",\"src\":\"a\xe2\x82\",\"dst\":\"b\",\"amount\":1}", "not JSON"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_reason(cases[i].json, strlen(cases[i].json), cases[i].reason);
    transfer_t transfer;
    ck_assert_ptr_nonnull(transfer_parse(parser, NULL, 0, 0, &transfer));
}
END_TEST

static void check_built(const char *before, char fill, size_t count, const char *after, const char *reason) {
    size_t head = strlen(before), tail = strlen(after);
    char *json = malloc(head + count + tail + 1);
    ck_assert_ptr_nonnull(json);
    memcpy(json, before, head);
    memset(json + head, fill, count);
    memcpy(json + head + count, after, tail + 1);
    check_reason(json, head + count + tail, reason);
    free(json);
}

START_TEST(what_is_too_long_or_too_deep_is_refused) {
    static const char rest[] = "\",\"dst\":\"b\",\"amount\":1}";
    check_built("{\"tx_id\":\"t\",\"src\":\"", 'x', 257, rest, "at most 256 bytes");
    check_built("{\"tx_id\":\"t\",\"src\":\"", 'x', 1 << 20, rest, "at most 65536 are allowed");
    check_built("{\"tx_id\":\"", 'x', 60000, "\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1}", "(60000 bytes)");
    check_built("", '[', 1000, "", "not JSON");
    check_built("{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"x\":", '[', 1000, "}",
                "not JSON");
    check_built("", '[', 60000, "", "not JSON");

    /* A thousand deep and well-formed, in a field that we do not read: too deep would be jansson's limit of
     * 2048. */
    char json[4096] = "{\"tx_id\":\"t\",\"src\":\"a\",\"dst\":\"b\",\"amount\":1,\"x\":";
    size_t size = strlen(json);
    memset(json + size, '[', 1000);
    memset(json + size + 1000, ']', 1000);
    json[size + 2000] = '}';
    transfer_t transfer;
    ck_assert_ptr_null(parse_bytes(json, size + 2001, &transfer));
    ck_assert(is(transfer.src, "a"));

    char longest[400] = "{\"tx_id\":\"t\",\"dst\":\"b\",\"amount\":1,\"src\":\"";
    size = strlen(longest);
    memset(longest + size, 'x', WALLET_SIZE_MAX);
    memcpy(longest + size + WALLET_SIZE_MAX, "\"}", 2);
    ck_assert_ptr_null(parse_bytes(longest, size + WALLET_SIZE_MAX + 2, &transfer));
    ck_assert_uint_eq(transfer.src.size, WALLET_SIZE_MAX);
}
END_TEST

static uint64_t random_state;

static unsigned below(unsigned limit) { return random_below(&random_state, limit); }

static const char *any(const char *const *list, unsigned count) { return list[below(count)]; }
#define ANY(list_) any(list_, sizeof list_ / sizeof *list_)

static void add_record(buf_t *out) {
    static const char *const names[] = {"tx_id",    "src", "sender", "from",  "dst",
                                        "receiver", "to",  "amount", "asset", "timestamp",
                                        "note",     "t",   "srcs",   "tx_ix", "from_"};
    static const char *const values[] = {"\"a\"",
                                         "\"b\"",
                                         "\"\xc3\xa4\"",
                                         "\"\"",
                                         "1",
                                         "0",
                                         "12.5",
                                         "-1",
                                         "1e3",
                                         "007",
                                         "1.",
                                         "null",
                                         "true",
                                         "false",
                                         "\"1700000000\"",
                                         "1700000000",
                                         "1700000000123",
                                         "\"2023-11-14T22:13:20.678Z\"",
                                         "{}",
                                         "[1,2]",
                                         "\"\\u0041\"",
                                         "\"\\n\"",
                                         "\"\xff\"",
                                         "123456789012345678",
                                         "1234567890123456789",
                                         "12345678901234567890123",
                                         "0.1234567890123456",
                                         "nul",
                                         "\"un",
                                         "9007199254740993"};
    static const char *const spaces[] = {"", "", "", " ", "\n\t"};
    unsigned count = below(9);
    buf_printf(out, "%s{%s", ANY(spaces), ANY(spaces));
    for (unsigned i = 0; i < count; i++) {
        /* Mostly a good record, of which a few fields go wrong. */
        const char *name = i < 4 && below(10) ? names[(const int[]){0, 1, 4, 7}[i]] : ANY(names);
        const char *value = below(3) ? values[(const int[]){0, 1, 4, 6, 13, 15}[below(6)]] : ANY(values);
        buf_printf(out, "%s\"%s\"%s:%s%s%s", i ? "," : "", name, ANY(spaces), ANY(spaces), value,
                   ANY(spaces));
    }
    buf_printf(out, "%s%s", below(60) ? "}" : "", below(60) ? ANY(spaces) : "x");
    if (below(50) == 0 && out->size) out->data[below((unsigned)out->size)] = (char)below(256);
}

/* A byte order mark in front would be another record; a \u escape in a value is the same value to jansson and
 * none of the quick scanner's business. */
static void escape_a_name(const buf_t *json, buf_t *out) {
    const char *at = memchr(json->data, '"', json->size);
    if (!at || at + 1 >= json->data + json->size || at[1] <= ' ' || at[1] == '"' || at[1] == '\\' ||
        (at[1] & 0x80)) {
        buf_add(out, json->data, json->size);
        return;
    }
    size_t before = (size_t)(at + 1 - json->data);
    buf_add(out, json->data, before);
    buf_printf(out, "\\u%04x", at[1]);
    buf_add(out, at + 2, json->size - before - 1);
}

START_TEST(the_quick_scanner_and_jansson_read_the_same) {
    random_state = 20260105;
    buf_t json = {0}, escaped = {0};
    int quick = 0, good = 0;
    transfer_parser_t *slow = transfer_parser_new();
    for (int i = 0; i < 300000; i++) {
        buf_reset(&json);
        buf_reset(&escaped);
        add_record(&json);
        escape_a_name(&json, &escaped);
        transfer_fields_t fields;
        quick += transfer_fields_scan(json.data, json.size, &fields);
        transfer_t a, b;
        const char *reason_a = transfer_parse(parser, json.data, json.size, RECORD_MS, &a);
        const char *reason_b = transfer_parse(slow, escaped.data, escaped.size, RECORD_MS, &b);
        bool both_not_json =
            reason_a && reason_b && !strncmp(reason_a, "not JSON", 8) && !strncmp(reason_b, "not JSON", 8);
        ck_assert_msg(!reason_a == !reason_b && (!reason_a || both_not_json || !strcmp(reason_a, reason_b)),
                      "%.*s: %s; slow: %s", (int)json.size, json.data, reason_a ? reason_a : "accepted",
                      reason_b ? reason_b : "accepted");
        if (reason_a) continue;
        good++;
        ck_assert_msg(text_equal(a.tx_id, b.tx_id) && text_equal(a.src, b.src) && text_equal(a.dst, b.dst) &&
                          text_equal(a.asset, b.asset) && a.amount == b.amount &&
                          a.timestamp_ms == b.timestamp_ms,
                      "%.*s", (int)json.size, json.data);
    }
    ck_assert_int_gt(quick, 50000);
    ck_assert_int_gt(good, 5000);
    transfer_parser_free(slow);
    buf_clear(&json);
    buf_clear(&escaped);
}
END_TEST

START_TEST(cut_and_damaged_records_never_harm) {
    static const char good[] =
        "{\"tx_id\":\"tx-1\",\"src\":\"0x00\xc3\xa4\",\"dst\":\"b\",\"amount\":12.50,\"asset\":\"ETH\","
        "\"timestamp\":\"2026-01-01T00:00:00.020Z\",\"x\":\"\\u00e4\"}";
    transfer_t transfer;
    for (size_t size = 0; size < sizeof good - 1; size++)
        ck_assert_ptr_nonnull(parse_bytes(good, size, &transfer));
    random_state = 20260106;
    for (int i = 0; i < 50000; i++) {
        char damaged[sizeof good];
        memcpy(damaged, good, sizeof good);
        for (unsigned n = 1 + below(3); n > 0; n--) damaged[below(sizeof good - 1)] = (char)below(256);
        if (parse_bytes(damaged, sizeof good - 1, &transfer)) continue;
        ck_assert(text_is_id(transfer.tx_id) && text_is_id(transfer.src) && text_is_id(transfer.dst));
        ck_assert(transfer.amount >= 0 && transfer.amount - transfer.amount == 0);
    }
}
END_TEST

int main(void) {
    const TTest *const tests[] = {
        all_names_of_a_wallet_mean_the_same,
        an_ethereum_address_is_read_in_lower_case,
        every_form_of_a_timestamp_is_read,
        ids_may_be_numbers_and_amounts_text,
        what_is_no_transfer_has_its_reason,
        what_is_too_long_or_too_deep_is_refused,
        the_quick_scanner_and_jansson_read_the_same,
        cut_and_damaged_records_never_harm,
        NULL,
    };
    TCase *group = suite_group("transfer", tests, 120);
    tcase_add_checked_fixture(group, setup, teardown);
    return suite_run_groups("transfer", (TCase *const[]){group, NULL});
}
