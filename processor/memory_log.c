#include "processor/memory_log.h"

#include "common/buf.h"
#include "processor/task.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MEMBERS_MAX = 64, HEADERS_MAX = 8, NOBODY = -1 };

typedef struct {
    size_t at; /* of key and value in the partition's bytes */
    size_t key_size;
    size_t value_size;
    int64_t timestamp_ms;
    bool has_key, has_value;
} stored_t;

typedef struct {
    buf_t bytes;
    stored_t *records;
    size_t count;
    size_t capacity;
    int64_t base;      /* offset of the first one kept */
    int64_t committed; /* by the group */
} partition_log_t;

typedef struct memory_log memory_log_t;

struct memory_cluster {
    int32_t partition_count;
    bool keep_changelog;
    memory_hooks_t hooks;
    partition_log_t *logs[TOPIC_COUNT];
    memory_log_t *members[MEMBERS_MAX];
    int *owner; /* member by partition, or NOBODY */
};

struct memory_log {
    log_t log;
    memory_cluster_t *cluster;
    log_listener_t listener;
    int member;
    bool expelled; /* and has not heard of it yet */
    bool in_transaction;
    buf_t produced; /* produced_t and its bytes, one after the other */
    bool *resumed;
    int64_t *position[INPUT_COUNT]; /* by partition */
    int64_t *changelog_end;
    int64_t *restore_at;
    int32_t turn;
};

typedef struct {
    topic_t topic;
    int32_t partition;
    size_t key_size, value_size;
    bool has_key, has_value;
    int header_count;
} produced_t;

static void *must(void *memory) {
    if (!memory) abort();
    return memory;
}

memory_cluster_t *memory_cluster_new(int32_t partition_count, bool keep_changelog, memory_hooks_t hooks) {
    memory_cluster_t *cluster = must(calloc(1, sizeof *cluster));
    *cluster = (memory_cluster_t){
        .partition_count = partition_count, .keep_changelog = keep_changelog, .hooks = hooks};
    for (int topic = 0; topic < TOPIC_COUNT; topic++)
        cluster->logs[topic] = must(calloc((size_t)partition_count, sizeof *cluster->logs[topic]));
    cluster->owner = must(calloc((size_t)partition_count, sizeof *cluster->owner));
    for (int32_t p = 0; p < partition_count; p++) cluster->owner[p] = NOBODY;
    return cluster;
}

void memory_cluster_free(memory_cluster_t *cluster) {
    if (!cluster) return;
    for (int topic = 0; topic < TOPIC_COUNT; topic++) {
        for (int32_t p = 0; p < cluster->partition_count; p++) {
            buf_clear(&cluster->logs[topic][p].bytes);
            free(cluster->logs[topic][p].records);
        }
        free(cluster->logs[topic]);
    }
    free(cluster->owner);
    free(cluster);
}

static bool fails(const memory_cluster_t *cluster, memory_operation_t operation) {
    return cluster->hooks.fails && cluster->hooks.fails(cluster->hooks.context, operation);
}

/* Records */

static bool is_kept(const memory_cluster_t *cluster, topic_t topic) {
    for (int i = 0; i < INPUT_COUNT; i++)
        if (task_inputs[i] == topic) return true;
    return topic == TOPIC_CHANGELOG && cluster->keep_changelog;
}

static int64_t log_end(const partition_log_t *log) { return log->base + (int64_t)log->count; }

static int64_t append(memory_cluster_t *cluster, const log_record_t *record, const log_header_t *headers) {
    partition_log_t *log = &cluster->logs[record->topic][record->partition];
    int64_t offset = log_end(log);
    if (!is_kept(cluster, record->topic)) {
        log->base++;
        log_record_t told = *record;
        told.offset = offset;
        if (cluster->hooks.output) cluster->hooks.output(cluster->hooks.context, &told, headers);
        return offset;
    }
    if (log->count == log->capacity) {
        log->capacity = log->capacity ? log->capacity * 2 : 256;
        log->records = must(realloc(log->records, log->capacity * sizeof *log->records));
    }
    log->records[log->count++] = (stored_t){log->bytes.size,      record->key_size,    record->value_size,
                                            record->timestamp_ms, record->key != NULL, record->value != NULL};
    buf_add(&log->bytes, record->key, record->key_size);
    buf_add(&log->bytes, record->value, record->value_size);
    return offset;
}

int64_t memory_cluster_append(memory_cluster_t *cluster, const log_record_t *record) {
    return append(cluster, record, NULL);
}

static log_record_t record_at(const memory_cluster_t *cluster, topic_t topic, int32_t partition,
                              int64_t offset) {
    const partition_log_t *log = &cluster->logs[topic][partition];
    const stored_t *stored = &log->records[offset - log->base];
    const char *bytes = log->bytes.data ? log->bytes.data + stored->at : "";
    return (log_record_t){.topic = topic,
                          .partition = partition,
                          .offset = offset,
                          .timestamp_ms = stored->timestamp_ms,
                          .key = stored->has_key ? bytes : NULL,
                          .key_size = stored->key_size,
                          .value = stored->has_value ? bytes + stored->key_size : NULL,
                          .value_size = stored->value_size};
}

/* What the group has committed is never read again. */
static void trim(partition_log_t *log) {
    if (log->committed < log_end(log)) return;
    log->base = log_end(log);
    log->count = 0;
    buf_reset(&log->bytes);
}

bool memory_cluster_is_consumed(const memory_cluster_t *cluster) {
    for (int i = 0; i < INPUT_COUNT; i++)
        for (int32_t p = 0; p < cluster->partition_count; p++) {
            const partition_log_t *log = &cluster->logs[task_inputs[i]][p];
            if (log->committed < log_end(log)) return false;
        }
    return true;
}

/* The group */

/* Who should have the partition: the members in turn. */
static int target_of(const memory_cluster_t *cluster, int32_t partition) {
    int present[MEMBERS_MAX], count = 0;
    for (int i = 0; i < MEMBERS_MAX; i++)
        if (cluster->members[i] && !cluster->members[i]->expelled) present[count++] = i;
    return count ? present[partition % count] : NOBODY;
}

static void member_leave(memory_log_t *log) {
    memory_cluster_t *cluster = log->cluster;
    for (int32_t p = 0; p < cluster->partition_count; p++)
        if (cluster->owner[p] == log->member) cluster->owner[p] = NOBODY;
    if (cluster->members[log->member] == log) cluster->members[log->member] = NULL;
}

static void member_join(memory_log_t *log) {
    log->member = 0;
    while (log->member < MEMBERS_MAX && log->cluster->members[log->member]) log->member++;
    assert(log->member < MEMBERS_MAX);
    log->cluster->members[log->member] = log;
}

void memory_log_expel(log_t *base) {
    memory_log_t *log = (memory_log_t *)base;
    member_leave(log);
    log->expelled = true;
}

static void rebalance(memory_log_t *log) {
    memory_cluster_t *cluster = log->cluster;
    int32_t *partitions = must(malloc(((size_t)cluster->partition_count + 1) * sizeof *partitions));
    size_t count = 0;
    if (log->expelled) {
        for (int32_t p = 0; p < cluster->partition_count; p++) partitions[count++] = p;
        log->listener.revoked(log->listener.context, partitions, count, true);
        log->expelled = false;
        member_join(log);
    }
    count = 0;
    for (int32_t p = 0; p < cluster->partition_count; p++)
        if (cluster->owner[p] == log->member && target_of(cluster, p) != log->member) partitions[count++] = p;
    if (count) log->listener.revoked(log->listener.context, partitions, count, false);
    for (size_t i = 0; i < count; i++) cluster->owner[partitions[i]] = NOBODY;
    count = 0;
    for (int32_t p = 0; p < cluster->partition_count; p++) {
        if (cluster->owner[p] != NOBODY || target_of(cluster, p) != log->member) continue;
        cluster->owner[p] = log->member;
        log->resumed[p] = false;
        partitions[count++] = p;
    }
    if (count) log->listener.assigned(log->listener.context, partitions, count);
    free(partitions);
}

/* The handle */

static err_t *failed(const char *operation) {
    return err_new_code(EXIT_UNAVAILABLE, "%s failed in the simulated log", operation);
}

static err_t *memory_poll(log_t *base, int timeout_ms, log_record_t *records, size_t max, size_t *count) {
    (void)timeout_ms;
    memory_log_t *log = (memory_log_t *)base;
    memory_cluster_t *cluster = log->cluster;
    *count = 0;
    if (fails(cluster, MEMORY_POLL)) return failed("a poll");
    rebalance(log);
    /* Events before transfers, so that little is under way; the partitions in turn, so that none starves. */
    static const int order[INPUT_COUNT] = {1, 2, 3, 4, 0};
    log->turn = (log->turn + 1) % cluster->partition_count;
    for (int i = 0; i < INPUT_COUNT; i++) {
        int input = order[i];
        topic_t topic = task_inputs[input];
        for (int32_t j = 0; j < cluster->partition_count && *count < max; j++) {
            int32_t p = (log->turn + j) % cluster->partition_count;
            if (cluster->owner[p] != log->member || !log->resumed[p]) continue;
            int64_t *position = &log->position[input][p];
            size_t share = max / (size_t)cluster->partition_count + 1;
            for (int64_t end = log_end(&cluster->logs[topic][p]); *position < end && *count < max && share;
                 share--)
                records[(*count)++] = record_at(cluster, topic, p, (*position)++);
        }
    }
    return NULL;
}

static err_t *memory_resume(log_t *base, int32_t partition) {
    memory_log_t *log = (memory_log_t *)base;
    for (int input = 0; input < INPUT_COUNT; input++)
        log->position[input][partition] = log->cluster->logs[task_inputs[input]][partition].committed;
    log->resumed[partition] = true;
    return NULL;
}

static err_t *memory_begin(log_t *base) {
    memory_log_t *log = (memory_log_t *)base;
    assert(!log->in_transaction);
    if (fails(log->cluster, MEMORY_BEGIN)) return failed("the beginning of a transaction");
    log->in_transaction = true;
    return NULL;
}

static err_t *memory_produce(log_t *base, topic_t topic, int32_t partition, const void *key, size_t key_size,
                             const void *value, size_t value_size, const log_header_t *headers) {
    memory_log_t *log = (memory_log_t *)base;
    assert(log->in_transaction);
    if (fails(log->cluster, MEMORY_PRODUCE)) return failed("producing");
    produced_t produced = {topic, partition, key_size, value_size, key != NULL, value != NULL, 0};
    while (headers && headers[produced.header_count].name) produced.header_count++;
    assert(produced.header_count < HEADERS_MAX);
    buf_add(&log->produced, &produced, sizeof produced);
    buf_add(&log->produced, key, key_size);
    buf_add(&log->produced, value, value_size);
    for (int i = 0; i < produced.header_count; i++) {
        buf_add(&log->produced, headers[i].name, strlen(headers[i].name) + 1);
        buf_add(&log->produced, headers[i].value, strlen(headers[i].value) + 1);
    }
    return NULL;
}

static void append_produced(memory_log_t *log) {
    for (size_t at = 0; at < log->produced.size;) {
        produced_t produced;
        log_header_t headers[HEADERS_MAX] = {{NULL, NULL}};
        const char *bytes = log->produced.data;
        memcpy(&produced, bytes + at, sizeof produced);
        at += sizeof produced;
        log_record_t record = {.topic = produced.topic,
                               .partition = produced.partition,
                               .key = produced.has_key ? bytes + at : NULL,
                               .key_size = produced.key_size,
                               .value = produced.has_value ? bytes + at + produced.key_size : NULL,
                               .value_size = produced.value_size};
        at += produced.key_size + produced.value_size;
        for (int i = 0; i < produced.header_count; i++) {
            headers[i].name = bytes + at;
            at += strlen(bytes + at) + 1;
            headers[i].value = bytes + at;
            at += strlen(bytes + at) + 1;
        }
        int64_t offset = append(log->cluster, &record, produced.header_count ? headers : NULL);
        if (record.topic == TOPIC_CHANGELOG) log->changelog_end[record.partition] = offset + 1;
    }
}

static err_t *memory_commit(log_t *base, const log_offset_t *offsets, size_t count) {
    memory_log_t *log = (memory_log_t *)base;
    assert(log->in_transaction);
    if (fails(log->cluster, MEMORY_BEFORE_COMMIT)) return failed("a commit");
    if (log->expelled)
        return err_new_code(EXIT_UNAVAILABLE, "fenced: the group has gone on without this member");
    append_produced(log);
    buf_reset(&log->produced);
    for (size_t i = 0; i < count; i++) {
        partition_log_t *partition = &log->cluster->logs[offsets[i].topic][offsets[i].partition];
        partition->committed = offsets[i].offset;
        trim(partition);
    }
    log->in_transaction = false;
    return fails(log->cluster, MEMORY_AFTER_COMMIT) ? failed("the answer to a commit") : NULL;
}

static void memory_abort(log_t *base) {
    memory_log_t *log = (memory_log_t *)base;
    buf_reset(&log->produced);
    log->in_transaction = false;
}

static int64_t memory_changelog_end(log_t *base, int32_t partition) {
    return ((memory_log_t *)base)->changelog_end[partition];
}

static err_t *memory_restore_begin(log_t *base, int32_t partition, int64_t from) {
    memory_log_t *log = (memory_log_t *)base;
    const partition_log_t *changelog = &log->cluster->logs[TOPIC_CHANGELOG][partition];
    if (from > log_end(changelog))
        return err_new_code(EXIT_STATE,
                            "the state stands for changelog offset %" PRId64
                            ", but the changelog ends at %" PRId64,
                            from, log_end(changelog));
    log->restore_at[partition] = log->cluster->keep_changelog ? from : log_end(changelog);
    return NULL;
}

static err_t *memory_restore_poll(log_t *base, int32_t partition, log_record_t *records, size_t max,
                                  size_t *count, int64_t *next, int64_t *remaining, bool *done) {
    memory_log_t *log = (memory_log_t *)base;
    int64_t *at = &log->restore_at[partition], end = log_end(&log->cluster->logs[TOPIC_CHANGELOG][partition]);
    for (*count = 0; *at < end && *count < max; (*at)++)
        records[(*count)++] = record_at(log->cluster, TOPIC_CHANGELOG, partition, *at);
    *next = *at;
    *remaining = end - *at;
    *done = *at == end;
    return NULL;
}

static void memory_restore_end(log_t *base, int32_t partition) { (void)base, (void)partition; }

static int64_t memory_lag(log_t *base, int32_t partition) {
    const memory_log_t *log = (memory_log_t *)base;
    return log_end(&log->cluster->logs[TOPIC_TRANSACTIONS][partition]) - log->position[0][partition];
}

static const char *memory_topic_name(log_t *base, topic_t topic) {
    (void)base;
    return topic_infos[topic].name;
}

/* Its polls never wait. */
static void memory_wake(log_t *base) { (void)base; }

static void memory_free(log_t *base) {
    memory_log_t *log = (memory_log_t *)base;
    if (!log->expelled) member_leave(log);
    for (int input = 0; input < INPUT_COUNT; input++) free(log->position[input]);
    free(log->resumed);
    free(log->changelog_end);
    free(log->restore_at);
    buf_clear(&log->produced);
    free(log);
}

static const log_ops_t memory_ops = {
    memory_poll,  memory_resume,        memory_begin,         memory_produce,      memory_commit,
    memory_abort, memory_changelog_end, memory_restore_begin, memory_restore_poll, memory_restore_end,
    memory_lag,   memory_topic_name,    memory_wake,          memory_free,
};

log_t *memory_log_new(memory_cluster_t *cluster, log_listener_t listener) {
    memory_log_t *log = must(calloc(1, sizeof *log));
    size_t partitions = (size_t)cluster->partition_count;
    log->log = (log_t){&memory_ops, cluster->partition_count};
    log->cluster = cluster;
    log->listener = listener;
    log->resumed = must(calloc(partitions, sizeof *log->resumed));
    log->changelog_end = must(calloc(partitions, sizeof *log->changelog_end));
    log->restore_at = must(calloc(partitions, sizeof *log->restore_at));
    for (int input = 0; input < INPUT_COUNT; input++)
        log->position[input] = must(calloc(partitions, sizeof *log->position[input]));
    for (size_t p = 0; p < partitions; p++) log->changelog_end[p] = -1;
    member_join(log);
    return &log->log;
}
