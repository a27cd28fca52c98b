/* A task: partition p of every keyed topic, the store of p and the risk model over it. Belongs to one stream thread. */
#pragma once

#include "processor/log.h"
#include "risk/risk.h"
#include "state/task_store.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum { TASK_RESTORING, TASK_RUNNING } task_state_t;

enum { INPUT_COUNT = 4 };
extern const topic_t task_inputs[INPUT_COUNT];

typedef struct {
    int32_t partition;
    task_state_t state;
    task_store_t *store;
    risk_t *risk;
    /* Offset after the last record applied, by input; -1: none since the task was opened. */
    int64_t next_offset[INPUT_COUNT];
    int64_t committed_offset[INPUT_COUNT];
    int64_t flushed_at_us;
    int64_t synced_at_us;
    int64_t record_ms_max; /* the newest record applied, by Kafka's time */
    uint64_t restored;     /* records */
    int64_t restore_began_us;
} task_t;

/* Takes over `store`. */
task_t *task_new(int32_t partition, task_store_t *store, const rules_t *rules, risk_out_t out);
void task_free(task_t *task); /* NULL is allowed */
/* True the first time this offset of this input is shown. */
bool task_take_offset(task_t *task, topic_t input, int64_t offset);
bool task_has_uncommitted_offsets(const task_t *task);
