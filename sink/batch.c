#include "sink/batch.h"

#include "common/timestamp.h"
#include "sink/text.h"

#include <stdlib.h>
#include <string.h>

enum { CAPACITY_MIN = 16 };

batch_t *batch_new(void) {
    batch_t *batch = calloc(1, sizeof *batch);
    if (!batch) abort();
    for (int table = 0; table < TABLE_COUNT; table++) rows_init(&batch->rows[table], tables[table]);
    return batch;
}

void batch_free(batch_t *batch) {
    if (!batch) return;
    for (int table = 0; table < TABLE_COUNT; table++) {
        rows_clear(&batch->rows[table]);
        feed_clear(&batch->feeds[table]);
    }
    arena_clear(&batch->arena);
    arrays_clear(&batch->arrays);
    free(batch->segments);
    free(batch->refusals);
    free(batch);
}

void batch_reset(batch_t *batch) {
    for (int table = 0; table < TABLE_COUNT; table++) rows_reset(&batch->rows[table]);
    arena_reset(&batch->arena);
    batch->segment_count = batch->segment_latest = 0;
    batch->refusal_count = batch->refusal_found_count = 0;
    batch->record_count = batch->oldest_time_ms = 0;
}

bool batch_is_empty(const batch_t *batch) {
    for (int i = 0; i < batch->segment_count; i++) {
        if (batch->segments[i].next != batch->segments[i].expected) return false;
    }
    return true;
}

/* Room for one more item; returns the array. */
static void *room(void *items, int count, int *capacity, size_t size) {
    if (count < *capacity) return items;
    *capacity = *capacity ? *capacity * 2 : CAPACITY_MIN;
    items = realloc(items, (size_t)*capacity * size);
    if (!items) abort();
    return items;
}

int batch_segment(batch_t *batch, const position_t *position) {
    for (int tried = 0; tried < batch->segment_count; tried++) {
        int i = (batch->segment_latest + tried) % batch->segment_count;
        const segment_t *segment = &batch->segments[i];
        if (segment->input == position->input && segment->partition == position->partition)
            return batch->segment_latest = i;
    }
    if (batch->segment_count == 0) batch->opened_us = clock_monotonic_us();
    batch->segments =
        room(batch->segments, batch->segment_count, &batch->segment_capacity, sizeof *batch->segments);
    batch->segments[batch->segment_count] = (segment_t){.input = position->input,
                                                        .partition = position->partition,
                                                        .expected = position->offset,
                                                        .next = position->offset};
    return batch->segment_latest = batch->segment_count++;
}

static void refuse(batch_t *batch, const refusal_t *refusal) {
    batch->refusals =
        room(batch->refusals, batch->refusal_count, &batch->refusal_capacity, sizeof *batch->refusals);
    batch->refusals[batch->refusal_count++] = *refusal;
    batch->segments[refusal->segment].last_error = refusal->reason;
}

static size_t size_least(size_t a, size_t b) { return a < b ? a : b; }

static void refuse_record(batch_t *batch, int segment, const record_t *record, const char *reason) {
    size_t kept = size_least(record->size, PAYLOAD_SIZE_MAX);
    size_t key_kept = size_least(record->key_size, PAYLOAD_SIZE_MAX);
    refuse(batch, &(refusal_t){
                      .segment = segment,
                      .offset = record->offset,
                      .reason = text_clean(&batch->arena, reason, REASON_SIZE_MAX),
                      .payload = record->value ? arena_copy(&batch->arena, record->value, kept) : NULL,
                      .payload_size = record->size,
                      .key = record->key ? arena_copy(&batch->arena, record->key, key_kept) : NULL,
                      .key_size = key_kept,
                      .source_topic = record->source_topic
                                          ? text_clean(&batch->arena, record->source_topic, REASON_SIZE_MAX)
                                          : NULL,
                      .source_partition = record->source_partition,
                      .source_offset = record->source_offset,
                  });
    batch->segments[segment].found.rejected++;
    batch->refusal_found_count = batch->refusal_count;
}

static void last_transfer_set(segment_t *segment, const table_t *table, const value_t *values) {
    segment->last_tx_id = values[table->key].data;
    segment->last_tx_id_size = (size_t)values[table->key].size;
    segment->last_tx_time = values[table->time].integer;
}

/* NULL, or why the record cannot be a row. */
static const char *add_row(batch_t *batch, int at, const record_t *record) {
    segment_t *segment = &batch->segments[at];
    rows_t *rows = &batch->rows[input_table(segment->input, record)];
    value_t values[COLUMNS_MAX];
    if (!record->value && !input_infos[segment->input].tombstones) return "no value";
    record_t copy = *record;
    if (record->value) copy.value = arena_copy(&batch->arena, record->value, record->size);
    if (record->key) copy.key = arena_copy(&batch->arena, record->key, record->key_size);
    const char *reason = table_row(rows->table, &copy, &batch->arena, values);
    if (reason) return reason;
    row_origin_t origin = {.segment = at,
                           .offset = record->offset,
                           .record = copy.value,
                           .record_size = copy.size,
                           .key = copy.key,
                           .key_size = copy.key_size};
    if (!rows_add(rows, values, &origin)) segment->found.duplicates++;
    if (segment->input == INPUT_TRANSFERS) last_transfer_set(segment, rows->table, values);
    return NULL;
}

void batch_add(batch_t *batch, int segment, const record_t *record) {
    const char *reason = NULL;
    if (input_infos[batch->segments[segment].input].table != TABLE_NONE)
        reason = add_row(batch, segment, record);
    else
        reason = record->error ? record->error : "no reason given";
    if (reason) refuse_record(batch, segment, record, reason);
    batch->segments[segment].next = record->offset + 1;
    if (record->time_ms > 0 && (!batch->oldest_time_ms || record->time_ms < batch->oldest_time_ms))
        batch->oldest_time_ms = record->time_ms;
    batch->segments[segment].record_count++;
    batch->record_count++;
}

void batch_refuse_row(batch_t *batch, const rows_t *rows, int row, const char *reason) {
    const row_origin_t *origin = &rows->origins[row];
    refuse(batch, &(refusal_t){
                      .segment = origin->segment,
                      .offset = origin->offset,
                      .reason = text_clean(&batch->arena, reason, REASON_SIZE_MAX),
                      .payload = origin->record,
                      .payload_size = origin->record_size,
                      .key = origin->key,
                      .key_size = size_least(origin->key_size, PAYLOAD_SIZE_MAX),
                      .source_partition = -1,
                      .source_offset = -1,
                  });
    batch->segments[origin->segment].written.rejected++;
}

void batch_attempt(batch_t *batch) {
    for (int table = 0; table < TABLE_COUNT; table++) feed_reset(&batch->feeds[table]);
    batch->refusal_count = batch->refusal_found_count;
    for (int i = 0; i < batch->segment_count; i++) batch->segments[i].written = batch->segments[i].found;
}
