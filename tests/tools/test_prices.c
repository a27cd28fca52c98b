#include "tests/support/suite.h"
#include "tests/tools/support_broker.h"
#include "tests/tools/support_files.h"
#include "tools/price_file.h"
#include "tools/price_table.h"
#include "tools/prices.h"

#include <stdlib.h>
#include <string.h>

enum { PARTITIONS = 4 };

static broker_t *broker;

static void setup(void) {
    broker = broker_new();
    broker_create_topics(broker, PARTITIONS);
}

static void teardown(void) { broker_free(broker); }

static err_t *import(const char *text) {
    char *path = file_of_text(text);
    err_t *err = broker_run(broker, &prices_command, (const char *const[]){"import", path}, 2);
    free(path);
    return err;
}

typedef struct {
    price_table_t table;
    int records;
} seen_t;

static void take(void *context, int partition, const char *key, size_t key_size, const char *value,
                 size_t size) {
    seen_t *seen = context;
    (void)partition;
    seen->records++;
    ck_assert_ptr_null(price_table_put(&seen->table, (text_t){key, key_size}, value, size, 0));
}

/* How many records the topic has, and the values of the prices that count. */
static void assert_topic(int records, const char *expected) {
    seen_t seen = {0};
    buf_t text = {0};
    broker_read(broker, TOPIC_PRICES, take, &seen);
    price_table_sort(&seen.table);
    for (const price_row_t *row = seen.table.rows; row; row = row->hh.next) {
        buf_add(&text, row->json.data, row->json.size);
        buf_add_char(&text, '\n');
    }
    ck_assert_str_eq(buf_cstr(&text), expected);
    ck_assert_int_eq(seen.records, records);
    buf_clear(&text);
    price_table_clear(&seen.table);
}

#define ETH "{\"asset\":\"ETH\",\"price\":1800.5,\"as_of\":\"2023-11-14\"}\n"
#define XRP "{\"asset\":\"XRP\",\"price\":0.5}\n"

START_TEST(csv_and_json_lines_are_prices) {
    must(import("Symbol;Price;Date\nETH;1800.5;2023-11-14\n\nXRP;0.5;\n"));
    assert_topic(2, ETH XRP);
    must(import("{\"asset\":\"A\",\"price\":2}\n{\"symbol\":\"B\",\"price\":3,\"date\":1700000000}\n"));
    assert_topic(
        4, "{\"asset\":\"A\",\"price\":2}\n{\"price\":3,\"asset\":\"B\",\"as_of\":1700000000}\n" ETH XRP);
}
END_TEST

START_TEST(only_what_is_news_is_sent) {
    must(import("asset,price,as_of\nETH,1800.5,2023-11-14\nXRP,0.5,\n"));
    must(import("asset,price,as_of\nETH,1800.5,2023-11-14\nXRP,0.5,\n"));
    must(import("asset,price,as_of\nETH,1700,2023-11-13\n"));
    assert_topic(2, ETH XRP);
    must(import("asset,price,as_of\nETH,1,2023-11-13\nETH,1900,2023-11-15\nETH,2,2023-11-14\n"));
    assert_topic(3, "{\"asset\":\"ETH\",\"price\":1900,\"as_of\":\"2023-11-15\"}\n" XRP);
}
END_TEST

START_TEST(a_price_that_is_removed_is_gone) {
    must(import("asset,price,as_of\nETH,1800.5,2023-11-14\nXRP,0.5,\n"));
    must(broker_run(broker, &prices_command, (const char *const[]){"remove", "XRP", "NONE"}, 3));
    assert_topic(3, ETH);
    must(broker_run(broker, &prices_command, (const char *const[]){"list"}, 1));
}
END_TEST

static void assert_refused(const char *text, const char *part) {
    err_t *err = import(text);
    ck_assert_ptr_nonnull(err);
    ck_assert_msg(strstr(err_message(err), part), "\"%s\" is not in: %s", part, err_message(err));
    err_free(err);
}

START_TEST(a_bad_line_is_named_and_nothing_is_sent) {
    assert_refused("asset,price\nETH,1800\nXRP,-1\n", "line 3");
    assert_refused("asset,price\nETH,many\n", "\"price\" must be a number");
    assert_refused("asset,price,as_of\nETH,1,someday\n", "as_of");
    assert_refused("asset,price\n,1\n", "names no asset");
    assert_refused("{\"asset\":\"ETH\",\"price\":1}\n{\"asset\":\"ETH\"\n", "line 2");
    assert_refused("ETH\nXRP\n", "CSV header");
    assert_topic(0, "");
    err_t *err = broker_run(broker, &prices_command, (const char *const[]){"show"}, 1);
    ck_assert_int_eq(err_exit_code(err), EXIT_USAGE);
    err_free(err);
}
END_TEST

int main(void) {
    const TTest *const tests[] = {csv_and_json_lines_are_prices, only_what_is_news_is_sent,
                                  a_price_that_is_removed_is_gone, a_bad_line_is_named_and_nothing_is_sent,
                                  NULL};
    TCase *group = suite_group("prices", tests, 60);
    tcase_add_checked_fixture(group, setup, teardown);
    return suite_run_groups("prices", (TCase *const[]){group, NULL});
}
