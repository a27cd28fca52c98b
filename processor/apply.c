/* One input record, and all that follows from it on this thread. */
#include "common/hash.h"
#include "common/log.h"
#include "processor/engine_internal.h"
#include "risk/text.h"

#include <inttypes.h>
#include <stdio.h>

void engine_produce(engine_t *engine, topic_t topic, int32_t partition, const void *key, size_t key_size,
                    const void *value, size_t value_size, const log_header_t *headers) {
    if (engine->error) return;
    engine_begin(engine);
    engine->produced++;
    engine_note(engine, engine->log->ops->produce(engine->log, topic, partition, key, key_size, value,
                                                  value_size, headers));
}

static int32_t partition_of(const engine_t *engine, const void *key, size_t size) {
    return (int32_t)hash_partition(key, size, (uint32_t)engine->log->partition_count);
}

static task_t *running_task(const engine_t *engine, int32_t partition) {
    task_t *task = engine->tasks[partition];
    return task && task->state == TASK_RUNNING ? task : NULL;
}

/* On to its task: here where this thread has it, else through the topic. */
static void event_route(engine_t *engine, const event_t *event, bool deferrable) {
    if (!running_task(engine, event->partition)) {
        engine->counters.forwarded++;
        engine_produce(engine, TOPIC_WALLET_EVENTS, event->partition, event->wallet, event->wallet_size,
                       event->event, event->size, NULL);
        return;
    }
    engine->counters.local++;
    event_queue_add(deferrable ? &engine->events.deferrable : &engine->events.urgent, event);
}

static void event_send(void *context, const char *wallet, size_t wallet_size, const void *event, size_t size,
                       bool deferrable) {
    int32_t partition = partition_of(context, wallet, wallet_size);
    event_route(context, &(event_t){partition, wallet, wallet_size, event, size}, deferrable);
}

static void event_broadcast(void *context, const void *event, size_t size) {
    const engine_t *engine = context;
    for (int32_t partition = 0; partition < engine->log->partition_count; partition++)
        event_route(context, &(event_t){partition, NULL, 0, event, size}, false);
}

static void record_emit(void *context, topic_t topic, const char *key, size_t key_size, const char *value,
                        size_t size) {
    engine_produce(context, topic, partition_of(context, key, key_size), key, key_size, value, size, NULL);
}

static void features_pass(void *context, text_t tx_id, const features_t *features) {
    const engine_options_t *options = ((const engine_t *)context)->options;
    options->features(options->features_context, tx_id, features);
}

risk_out_t engine_risk_out(engine_t *engine, int32_t partition) {
    return (risk_out_t){.context = engine,
                        .partition = partition,
                        .partition_count = engine->log->partition_count,
                        .send = event_send,
                        .broadcast = event_broadcast,
                        .emit = record_emit,
                        .features = engine->options->features ? features_pass : NULL};
}

/* The record goes to the dead letters as it came, and changes nothing else. */
static void dead_letter(engine_t *engine, const log_record_t *record, const char *reason) {
    const char *topic = engine->log->ops->topic_name(engine->log, record->topic);
    char partition[16], offset[24];
    snprintf(partition, sizeof partition, "%" PRId32, record->partition);
    snprintf(offset, sizeof offset, "%" PRId64, record->offset);
    const log_header_t headers[] = {{"error", reason},
                                    {"source-topic", topic},
                                    {"source-partition", partition},
                                    {"source-offset", offset},
                                    {NULL, NULL}};
    engine->counters.dead_letters++;
    engine_produce(engine, TOPIC_DLQ, record->partition, record->key, record->key_size, record->value,
                   record->value_size, headers);
    log_debug("dead letter", LOG_STR("error", reason), LOG_STR("topic", topic),
              LOG_INT("partition", record->partition), LOG_INT("offset", record->offset));
}

static void event_apply(engine_t *engine, const event_t *event) {
    task_t *task = running_task(engine, event->partition);
    const char *reason = task ? risk_event(task->risk, event->event, event->size) : "its task has gone";
    if (!reason) return;
    log_record_t record = {.topic = TOPIC_WALLET_EVENTS,
                           .partition = event->partition,
                           .offset = -1,
                           .key = event->wallet,
                           .key_size = event->wallet_size,
                           .value = event->event,
                           .value_size = event->size};
    dead_letter(engine, &record, reason);
}

static const char *transfer_apply(engine_t *engine, task_t *task, const log_record_t *record) {
    transfer_t transfer;
    const char *reason =
        transfer_parse(engine->parser, record->value, record->value_size, record->timestamp_ms, &transfer);
    if (reason) return reason;
    int32_t owner = partition_of(engine, transfer.src.data, transfer.src.size);
    if (owner == task->partition) {
        risk_transfer(task->risk, &transfer);
        return NULL;
    }
    /* It came with another key than its sender: the sender's task deduplicates and debits. */
    buf_reset(&engine->scratch);
    risk_event_of_transfer(&engine->scratch, &transfer);
    event_send(engine, transfer.src.data, transfer.src.size, engine->scratch.data, engine->scratch.size,
               false);
    return NULL;
}

static const char *label_apply(engine_t *engine, task_t *task, const log_record_t *record) {
    char room[ADDRESS_SIZE];
    text_t wallet = {record->key, record->key_size};
    if (!wallet.data || !text_is_id(wallet))
        return "the key must be a wallet: 1 to 256 bytes of printable UTF-8";
    text_t owner = text_normal_wallet(wallet, room);
    if (partition_of(engine, owner.data, owner.size) == task->partition)
        return risk_label(task->risk, wallet.data, wallet.size, record->value, record->value_size);
    buf_reset(&engine->scratch);
    risk_event_of_label(&engine->scratch, wallet.data, wallet.size, record->value, record->value_size);
    event_send(engine, owner.data, owner.size, engine->scratch.data, engine->scratch.size, false);
    return NULL;
}

static const char *price_apply(engine_t *engine, task_t *task, const log_record_t *record) {
    text_t asset = {record->key, record->key_size};
    if (!asset.data || !text_is_id(asset))
        return "the key must be an asset: 1 to 256 bytes of printable UTF-8";
    if (partition_of(engine, asset.data, asset.size) == task->partition)
        return risk_price(task->risk, asset.data, asset.size, record->value, record->value_size,
                          record->timestamp_ms);
    buf_reset(&engine->scratch);
    risk_event_of_price(&engine->scratch, asset.data, asset.size, record->value, record->value_size,
                        record->timestamp_ms);
    event_send(engine, asset.data, asset.size, engine->scratch.data, engine->scratch.size, false);
    return NULL;
}

static const char *command_apply(task_t *task, const log_record_t *record) {
    const char *reason = risk_command(task->risk, record->key, record->key_size, record->value,
                                      record->value_size, record->timestamp_ms);
    if (reason)
        log_warn("command refused", LOG_INT("partition", record->partition),
                 LOG_INT("offset", record->offset), LOG_STR("reason", reason));
    else
        log_info("command taken", LOG_INT("partition", record->partition), LOG_INT("offset", record->offset));
    return reason;
}

void engine_apply(engine_t *engine, const log_record_t *record) {
    task_t *task = running_task(engine, record->partition);
    /* Read before a rebalance inside the same poll: who has the partition now reads it again. */
    if (!task || !task_take_offset(task, record->topic, record->offset)) return;
    engine->counters.records++;
    if (record->timestamp_ms > task->record_ms_max) task->record_ms_max = record->timestamp_ms;
    const char *reason = NULL;
    switch (record->topic) {
    case TOPIC_TRANSACTIONS: reason = transfer_apply(engine, task, record); break;
    case TOPIC_LABELS: reason = label_apply(engine, task, record); break;
    case TOPIC_PRICES: reason = price_apply(engine, task, record); break;
    case TOPIC_WALLET_EVENTS: reason = risk_event(task->risk, record->value, record->value_size); break;
    default: reason = command_apply(task, record);
    }
    if (reason) dead_letter(engine, record, reason);
    engine_drain(engine, 0);
}

void engine_drain(engine_t *engine, size_t deferred_max) {
    event_t event;
    int64_t end_us = deferred_max ? engine_now_us(engine) + DEFERRED_US_MAX : 0;
    for (;;) {
        while (!engine->error && event_queue_take(&engine->events.urgent, &event))
            event_apply(engine, &event);
        if (engine->error || !deferred_max-- || !event_queue_take(&engine->events.deferrable, &event)) return;
        event_apply(engine, &event);
        if (engine_now_us(engine) > end_us) deferred_max = 0;
    }
}
