/* The scores of one scoring run, or of two beside each other. */
#pragma once

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct run_compare run_compare_t;

/* `other` NULL: one run alone. The ids must outlive the result. */
run_compare_t *run_compare_new(const char *run_id, const char *other);
void run_compare_free(run_compare_t *compare);
/* A record of the topic of scoring runs; those of other runs are passed over. */
void run_compare_take(run_compare_t *compare, const char *json, size_t size);
/* The run's own last record, as JSON; NULL where there was none. Index 1: the other's. */
const char *run_compare_told(const run_compare_t *compare, int index);
/* The wallets with the highest scores: lines for people, or a JSON list. */
void run_compare_add_top(run_compare_t *compare, size_t limit, bool json, buf_t *out);
/* How many wallets differ, how levels moved, and the wallets that differ most. */
void run_compare_add_diff(run_compare_t *compare, size_t limit, bool json, buf_t *out);
