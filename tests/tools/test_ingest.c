#include "common/buf.h"
#include "common/hash.h"
#include "tests/support/suite.h"
#include "tests/tools/support_broker.h"
#include "tests/tools/support_files.h"
#include "tools/ingest.h"
#include "tools/simulate.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { PARTITIONS = 5 };

typedef struct {
    int unkeyed;
    buf_t values;
} seen_t;

/* Every key is the sender and its record where Kafka's own clients would put it. */
static void check_transfer(void *context, int partition, const char *key, size_t key_size, const char *value,
                           size_t size) {
    seen_t *seen = context;
    buf_add(&seen->values, value, size);
    buf_add_char(&seen->values, '\n');
    if (!key_size) {
        seen->unkeyed++;
        return;
    }
    ck_assert_int_eq(partition, (int)hash_partition(key, key_size, PARTITIONS));
    json_t *json = json_loadb(value, size, 0, NULL);
    const char *src = json_string_value(json_object_get(json, "src"));
    ck_assert(src && strlen(src) == key_size && memcmp(src, key, key_size) == 0);
    json_decref(json);
}

static void check_label(void *context, int partition, const char *key, size_t key_size, const char *value,
                        size_t size) {
    ck_assert_int_eq(partition, (int)hash_partition(key, key_size, PARTITIONS));
    buf_add((buf_t *)context, value, size);
}

START_TEST(each_line_is_sent_once_by_its_sender) {
    enum { ROWS = 5000 };
    buf_t csv = {0};
    buf_add_str(&csv, "tx_id,src,dst,amount\n");
    for (int i = 0; i < ROWS; i++) buf_printf(&csv, "t%d,wallet %d,b,%d\n", i, i % 97, i);
    buf_add_str(&csv, "t,damaged\n");
    char *path = file_of(csv.data, csv.size), *list = file_of_text("w1\nw2\nw3\n");
    broker_t *broker = broker_new();
    broker_create_topics(broker, PARTITIONS);
    must(broker_run(broker, &ingest_command,
                    (const char *const[]){"--labels", list, "--category", "sanctioned", path}, 5));
    seen_t seen = {0};
    buf_t labels = {0};
    ck_assert_int_eq(broker_read(broker, TOPIC_TRANSACTIONS, check_transfer, &seen), ROWS + 1);
    ck_assert_int_eq(seen.unkeyed, 1);
    buf_cstr(&seen.values);
    for (int i = 0; i < ROWS; i++) {
        char id[32];
        snprintf(id, sizeof id, "{\"tx_id\":\"t%d\",", i);
        char *found = strstr(seen.values.data, id);
        ck_assert_msg(found && !strstr(found + 1, id), "%s", id);
    }
    ck_assert_ptr_nonnull(strstr(seen.values.data, "t,damaged\n"));
    ck_assert_int_eq(broker_read(broker, TOPIC_LABELS, check_label, &labels), 3);
    ck_assert_ptr_nonnull(strstr(buf_cstr(&labels), "{\"category\":\"sanctioned\"}"));
    broker_free(broker);
    buf_clear(&csv), buf_clear(&seen.values), buf_clear(&labels);
    free(path), free(list);
}
END_TEST

START_TEST(the_simulator_sends_transfers_and_labels) {
    broker_t *broker = broker_new();
    broker_create_topics(broker, PARTITIONS);
    must(broker_run(broker, &simulate_command,
                    (const char *const[]){"--rate", "0", "--count", "3000", "--seed", "1"}, 6));
    seen_t seen = {0};
    buf_t labels = {0};
    ck_assert_int_eq(broker_read(broker, TOPIC_TRANSACTIONS, check_transfer, &seen), 3000);
    ck_assert_int_eq(seen.unkeyed, 0);
    ck_assert_int_gt(broker_read(broker, TOPIC_LABELS, check_label, &labels), 20);
    broker_free(broker);
    buf_clear(&seen.values), buf_clear(&labels);
}
END_TEST

START_TEST(without_topics_it_says_how_to_make_them) {
    broker_t *broker = broker_new();
    char *path = file_of_text("tx_id,src,dst,amount\nt1,a,b,1\n");
    err_t *err = broker_run(broker, &ingest_command, (const char *const[]){path}, 1);
    ck_assert_ptr_nonnull(err);
    ck_assert_ptr_nonnull(strstr(err_message(err), "amlstream topics create"));
    err_free(err);
    broker_free(broker);
    free(path);
}
END_TEST

int main(void) {
    return suite_run("ingest",
                     (const TTest *const[]){each_line_is_sent_once_by_its_sender,
                                            the_simulator_sends_transfers_and_labels,
                                            without_topics_it_says_how_to_make_them, NULL},
                     120);
}
