#include "processor/task.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const topic_t task_inputs[INPUT_COUNT] = {TOPIC_TRANSACTIONS, TOPIC_LABELS, TOPIC_PRICES, TOPIC_CONTROL,
                                          TOPIC_WALLET_EVENTS};

task_t *task_new(int32_t partition, task_store_t *store, const rules_t *rules, risk_out_t out,
                 int64_t now_us) {
    task_t *task = calloc(1, sizeof *task);
    if (!task) abort();
    task->partition = partition;
    task->store = store;
    task->risk = risk_new(rules, task_store_store(store), out);
    task->flushed_at_us = task->restore_began_us = task->restore_heard_us = now_us;
    for (int i = 0; i < INPUT_COUNT; i++) task->next_offset[i] = task->committed_offset[i] = -1;
    return task;
}

void task_free(task_t *task) {
    if (!task) return;
    risk_free(task->risk);
    model_scorer_free(task->scorer);
    task_store_free(task->store);
    err_free(task->flush_error);
    free(task);
}

static int input_index(topic_t input) {
    for (int i = 0; i < INPUT_COUNT; i++)
        if (task_inputs[i] == input) return i;
    assert(!"not an input");
    return 0;
}

bool task_take_offset(task_t *task, topic_t input, int64_t offset) {
    int64_t *next = &task->next_offset[input_index(input)];
    if (offset < *next) return false;
    *next = offset + 1;
    return true;
}

bool task_has_uncommitted_offsets(const task_t *task) {
    for (int i = 0; i < INPUT_COUNT; i++)
        if (task->next_offset[i] != task->committed_offset[i]) return true;
    return false;
}

void task_forget_uncommitted(task_t *task) {
    memcpy(task->next_offset, task->committed_offset, sizeof task->next_offset);
    task_store_aborted(task->store);
    risk_abort(task->risk);
}
