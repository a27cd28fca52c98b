#include "tools/topic_config.h"

#include "tools/limits.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

/* A processor that comes back to its state, or a sink to its offsets, within this time still sees what was
 * deleted. */
enum { TOMBSTONE_DAYS = 30 };

typedef struct {
    topic_config_t *configs;
    int count;
} list_t;

static void add(list_t *list, const char *name, const char *value) {
    assert(list->count < TOPIC_CONFIGS_MAX && strlen(value) < TOPIC_CONFIG_VALUE_SIZE_MAX);
    topic_config_t *config = &list->configs[list->count++];
    config->name = name;
    strcpy(config->value, value);
}

static void add_int(list_t *list, const char *name, int64_t value) {
    char text[TOPIC_CONFIG_VALUE_SIZE_MAX];
    snprintf(text, sizeof text, "%" PRId64, value);
    add(list, name, text);
}

/* What grows with the transfers is kept for a time; alerts, dead letters and commands are few and kept.
 * Internal events are trimmed by the processor, below what is committed. */
static int64_t retention_ms(topic_t topic, const topic_layout_t *layout) {
    bool grows = topic == TOPIC_TRANSACTIONS || topic == TOPIC_TRANSACTION_RISK;
    return grows && layout->retention_days >= 0 ? layout->retention_days * DAY_MS : -1;
}

/* A restore reads the whole changelog of a partition: keep it short, in segments small enough to be compacted
 * soon. */
static void add_compaction(list_t *list, topic_t topic) {
    add_int(list, "delete.retention.ms", TOMBSTONE_DAYS * DAY_MS);
    if (topic != TOPIC_CHANGELOG) return;
    add(list, "min.cleanable.dirty.ratio", "0.3");
}

int topic_configs(topic_t topic, const topic_layout_t *layout, topic_config_t configs[TOPIC_CONFIGS_MAX]) {
    const topic_info_t *info = &topic_infos[topic];
    list_t list = {configs, 0};
    add(&list, "cleanup.policy", info->compacted ? "compact" : "delete");
    /* Brokers delete by the time in the record. A client may put the event's there, of last year; with the
     * broker's own time no record is deleted before its time, and time never runs backwards within a
     * partition. */
    add(&list, "message.timestamp.type", "LogAppendTime");
    add_int(&list, "retention.ms", retention_ms(topic, layout));
    if (info->compacted) add_compaction(&list, topic);
    if (info->internal) add_int(&list, "segment.bytes", 64 * 1024 * 1024);
    /* A dead letter is what came and headers, so more than the input's limit. */
    if (info->internal || topic == TOPIC_DLQ) add_int(&list, "max.message.bytes", TOPIC_RECORD_BYTES_MAX);
    if (layout->replication_factor >= 3) add(&list, "min.insync.replicas", "2");
    return list.count;
}
