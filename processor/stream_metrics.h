/* An engine's counters as metrics of the process. One per stream thread; the threads share the metrics. */
#pragma once

#include "processor/engine.h"

typedef struct {
    engine_counters_t told;
    int64_t told_at_us;
} stream_metrics_t;

/* Adds what has changed since the last call; cheap where that was a moment ago. */
void stream_metrics_tell(stream_metrics_t *metrics, engine_t *engine);
