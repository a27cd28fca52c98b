/* HTTP of a processor: health, readiness, metrics and live state. */
#pragma once

#include "common/http.h"
#include "processor/stream_thread.h"

typedef struct {
    stream_thread_t **threads;
    int thread_count;
} queries_t;

/* For http_server_new; the context is a queries_t. */
extern const http_route_t processor_routes[];
