#include "tests/support/suite.h"
#include "tests/tools/support_broker.h"
#include "tests/tools/support_files.h"
#include "tools/csv.h"
#include "tools/label_file.h"
#include "tools/label_print.h"
#include "tools/labels.h"

#include <stdlib.h>
#include <string.h>

enum { PARTITIONS = 4, ARGUMENTS_MAX = 12 };

#define CHECKSUMMED "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
#define LOWER       "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"

static broker_t *broker;

static void setup(void) {
    broker = broker_new();
    broker_create_topics(broker, PARTITIONS);
}

static void teardown(void) { broker_free(broker); }

/* `text` as a file, and more arguments, which end with NULL. */
static err_t *import(const char *text, const char *const *more) {
    char *path = file_of_text(text);
    const char *arguments[ARGUMENTS_MAX] = {"import", path};
    int count = 2;
    while (*more) arguments[count++] = *more++;
    err_t *err = broker_run(broker, &labels_command, arguments, count);
    free(path);
    return err;
}

#define IMPORT(text_, ...) must(import(text_, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL}))

typedef struct {
    label_table_t table;
    int records, tombstones;
} labels_seen_t;

static void take(void *context, int partition, const char *key, size_t key_size, const char *value,
                 size_t size) {
    labels_seen_t *topic = context;
    (void)partition;
    topic->records++;
    topic->tombstones += value == NULL;
    ck_assert_ptr_null(label_table_put(&topic->table, (text_t){key, key_size}, value, size));
}

/* How many records the topic has, and what its labels are as CSV. */
static void assert_topic(int records, int tombstones, const char *expected) {
    labels_seen_t topic = {0};
    buf_t text = {0};
    broker_read(broker, TOPIC_LABELS, take, &topic);
    label_table_sort(&topic.table);
    label_print(&topic.table, LABEL_FORM_CSV, &(label_filter_t){0}, &text);
    ck_assert_str_eq(buf_cstr(&text), expected);
    ck_assert_int_eq(topic.records, records);
    ck_assert_int_eq(topic.tombstones, tombstones);
    buf_clear(&text);
    label_table_clear(&topic.table);
}

#define HEADER "wallet,category,source,confidence,note,date\n"

START_TEST(an_import_done_again_sends_nothing) {
    static const char file[] = "wallet,category,source,confidence,note,as_of\n"
                               "a,scam,me,0.5,\"x, y\",2022-08-08\nb,mixer,,,,\n";
    for (int i = 0; i < 2; i++) {
        IMPORT(file);
        assert_topic(2, 0, HEADER "a,scam,me,0.5,\"x, y\",2022-08-08\nb,mixer,,1,,\n");
    }
    /* Said otherwise, but the same. */
    IMPORT("{\"address\":\"b\",\"category\":\"mixer\",\"confidence\":1.0,\"note\":null}\n");
    IMPORT("b\na\n", "--category", "mixer", "--dry-run");
    assert_topic(2, 0, HEADER "a,scam,me,0.5,\"x, y\",2022-08-08\nb,mixer,,1,,\n");
    IMPORT("b\n", "--category", "scam", "--source", "list", "--confidence", "0.25", "--date",
           "2026-01-02T03:04");
    assert_topic(3, 0,
                 HEADER "a,scam,me,0.5,\"x, y\",2022-08-08\nb,scam,list,0.25,,2026-01-02T03:04:00.000Z\n");
}
END_TEST

START_TEST(a_list_that_shrinks_withdraws_what_it_lost_and_nothing_else) {
    IMPORT("a\nb\n" CHECKSUMMED "\n", "--category", "sanctioned", "--replace-source", "ofac");
    IMPORT("own\n", "--category", "exchange", "--source", "me");
    IMPORT("c\na\n", "--category", "sanctioned", "--replace-source", "ofac", "--dry-run");
    assert_topic(4, 0,
                 HEADER CHECKSUMMED
                 ",sanctioned,ofac,1,,\na,sanctioned,ofac,1,,\nb,sanctioned,ofac,1,,\nown,exchange,me,1,,\n");
    IMPORT("c\na\n", "--category", "sanctioned", "--replace-source", "ofac");
    assert_topic(7, 2, HEADER "a,sanctioned,ofac,1,,\nc,sanctioned,ofac,1,,\nown,exchange,me,1,,\n");
    err_t *err = import("", (const char *const[]){"--replace-source", "ofac", NULL});
    ck_assert_ptr_nonnull(err);
    ck_assert_ptr_nonnull(strstr(err_message(err), "would withdraw all"));
    err_free(err);
    assert_topic(7, 2, HEADER "a,sanctioned,ofac,1,,\nc,sanctioned,ofac,1,,\nown,exchange,me,1,,\n");
}
END_TEST

START_TEST(withdrawing_needs_the_addresses_alone_in_any_case) {
    IMPORT("a\n" CHECKSUMMED "\n", "--category", "scam");
    IMPORT(LOWER "\nunknown\n", "--withdraw");
    assert_topic(3, 1, HEADER "a,scam,,1,,\n");
    IMPORT(LOWER "\nunknown\n", "--withdraw");
    assert_topic(3, 1, HEADER "a,scam,,1,,\n");
}
END_TEST

START_TEST(a_bad_line_sends_nothing) {
    err_t *err = import("wallet,category\na,scam\nb,nonsense\n", (const char *const[]){NULL});
    ck_assert_ptr_nonnull(err);
    ck_assert_ptr_nonnull(strstr(err_message(err), "line 3"));
    err_free(err);
    assert_topic(0, 0, HEADER);
    err = import("a\n", (const char *const[]){"--category", "scam", "--confidence", "2", NULL});
    ck_assert_int_eq(err_exit_code(err), EXIT_USAGE);
    err_free(err);
}
END_TEST

/* What label_print writes, read again by label_file. */
static void assert_reads_back(const label_table_t *table, label_form_t form) {
    buf_t text = {0}, again = {0}, expected = {0};
    label_file_t *file;
    label_file_record_t record;
    label_table_t read = {0};
    bool more;
    label_print(table, form, &(label_filter_t){0}, &text);
    char *path = file_of(text.data, text.size);
    must(label_file_open(path, NULL, &file));
    free(path);
    for (;;) {
        must(label_file_next(file, &record, &more));
        if (!more) break;
        ck_assert_ptr_null(
            label_table_put(&read, (text_t){record.wallet, record.wallet_size}, record.json, record.size));
    }
    label_file_close(file);
    label_table_sort(&read);
    label_print(&read, LABEL_FORM_JSON, &(label_filter_t){0}, &again);
    label_print(table, LABEL_FORM_JSON, &(label_filter_t){0}, &expected);
    ck_assert_str_eq(buf_cstr(&again), buf_cstr(&expected));
    buf_clear(&text);
    buf_clear(&again);
    buf_clear(&expected);
    label_table_clear(&read);
}

static void put(label_table_t *table, const char *wallet, const char *json) {
    ck_assert_ptr_null(label_table_put(table, (text_t){wallet, strlen(wallet)}, json, strlen(json)));
}

START_TEST(what_is_exported_can_be_imported) {
    label_table_t table = {0};
    put(&table, CHECKSUMMED, "{\"category\":\"sanctioned\",\"source\":\"ofac\",\"date\":\"2022-08-08\"}");
    put(&table, "quoted \"name\", with a comma",
        "{\"category\":\"scam\",\"confidence\":0.1,\"note\":\"two\\nlines\",\"date\":\"2022-08-08T01:02:03."
        "004Z\"}");
    put(&table, "\xc3\xa4", "{\"category\":\"mixer\",\"source\":\"x\"}");
    label_table_sort(&table);
    assert_reads_back(&table, LABEL_FORM_CSV);
    assert_reads_back(&table, LABEL_FORM_JSON);
    assert_reads_back(&table, LABEL_FORM_JSON_LINES);
    buf_t text = {0};
    label_print(&table, LABEL_FORM_ADDRESSES, &(label_filter_t){.source = "ofac"}, &text);
    ck_assert_str_eq(buf_cstr(&text), CHECKSUMMED "\n");
    buf_reset(&text);
    label_print(&table, LABEL_FORM_TABLE, &(label_filter_t){.category = "sanctioned"}, &text);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&text), "1 labels: 1 sanctioned\n"));
    buf_clear(&text);
    label_table_clear(&table);
}
END_TEST

int main(void) {
    TCase *topic =
        suite_group("topic",
                    (const TTest *const[]){an_import_done_again_sends_nothing,
                                           a_list_that_shrinks_withdraws_what_it_lost_and_nothing_else,
                                           withdrawing_needs_the_addresses_alone_in_any_case,
                                           a_bad_line_sends_nothing, NULL},
                    120);
    tcase_add_checked_fixture(topic, setup, teardown);
    TCase *text = suite_group("text", (const TTest *const[]){what_is_exported_can_be_imported, NULL}, 60);
    return suite_run_groups("labels", (TCase *const[]){topic, text, NULL});
}
