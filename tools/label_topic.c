#include "tools/label_topic.h"

#include "tools/topic_read.h"

typedef struct {
    label_table_t *table;
    uint64_t refused;
} reader_t;

static void take(void *context, const char *key, size_t key_size, const char *value, size_t size,
                 int64_t record_ms) {
    (void)record_ms;
    reader_t *reader = context;
    if (label_table_put(reader->table, (text_t){key, key_size}, value, size)) reader->refused++;
}

err_t *label_topic_read(const settings_t *settings, label_table_t *table, uint64_t *refused) {
    reader_t reader = {.table = table};
    err_t *err = topic_read(settings, TOPIC_LABELS, "labels", take, &reader);
    *refused = reader.refused;
    return err;
}
