/* Metrics of this process in Prometheus' text format. Registered once at the start, updated from any thread
 * without locks.
 *
 *     metric_t *processed = metric_counter("amlstream_processor_transfers_total", "Transfers applied",
 * "partition=\"3\""); metric_add(processed, 12); */
#pragma once

#include "common/buf.h"

#include <stdint.h>

typedef struct metric metric_t;

/* `labels` as between the braces in the text format, "" for none; all strings are copied. The same name and
 * labels give the same metric again. Never fails. */
metric_t *metric_counter(const char *name, const char *help, const char *labels);
metric_t *metric_gauge(const char *name, const char *help, const char *labels);
/* Bounds ascending, in the unit of the name (seconds …), at most 24. */
metric_t *metric_histogram(const char *name, const char *help, const char *labels, const double *bounds,
                           int bound_count);

void metric_add(metric_t *metric, double amount); /* counter, gauge */
void metric_set(metric_t *metric, double value);  /* gauge */
void metric_observe(metric_t *metric, double value);
double metric_value(const metric_t *metric); /* histogram: count of observations */

/* Everything registered, plus process_* (CPU seconds, resident bytes, start time, open files). */
void metrics_write(buf_t *out);
