/* A task: partition p of every keyed topic, the store of p and the risk model over it. Belongs to one stream
 * thread. */
#pragma once

#include "processor/log.h"
#include "processor/model.h"
#include "risk/risk.h"
#include "state/task_store.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { TASK_RESTORING, TASK_RUNNING } task_state_t;

/* Of a flush: the task's thread begins and ends it, the flusher writes in between. */
typedef enum { FLUSH_NONE, FLUSH_QUEUED, FLUSH_WRITTEN, FLUSH_FAILED } flush_state_t;

enum { INPUT_COUNT = 5 };
extern const topic_t task_inputs[INPUT_COUNT];

typedef struct {
    int32_t partition;
    task_state_t state;
    task_store_t *store;
    risk_t *risk;
    model_scorer_t *scorer; /* NULL: no learned model */
    /* Offset after the last record applied, by input; -1: none since the task was opened. */
    int64_t next_offset[INPUT_COUNT];
    int64_t committed_offset[INPUT_COUNT];
    risk_counters_t counted; /* as of the last commit */
    int64_t record_ms_max;   /* the newest record applied, by Kafka's time; 0: none */
    int64_t flushed_at_us;
    _Atomic(flush_state_t) flush_state;
    err_t *flush_error; /* of FLUSH_FAILED */
    uint64_t restored;  /* changelog records loaded */
    int64_t restore_began_us;
    int64_t restore_heard_us; /* when the last of them came */
} task_t;

/* Takes over `store`. `now_us` is of the engine's clock. */
task_t *task_new(int32_t partition, task_store_t *store, const rules_t *rules, risk_out_t out,
                 int64_t now_us);
void task_free(task_t *task); /* NULL is allowed */
/* True the first time this offset of this input is shown. */
bool task_take_offset(task_t *task, topic_t input, int64_t offset);
bool task_has_uncommitted_offsets(const task_t *task);
/* What was applied since the last commit was not. */
void task_forget_uncommitted(task_t *task);
