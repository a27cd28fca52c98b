/* Events that wait on a stream thread for its own tasks: two queues in the order of arrival. Bytes are copied
 * in. */
#pragma once

#include "common/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    int32_t partition;
    const char *wallet; /* NULL: for the task itself */
    size_t wallet_size;
    const char *event;
    size_t size;
} event_t;

typedef struct {
    buf_t waiting;
    size_t taken;  /* of `waiting`, up to here */
    buf_t current; /* the event handed out last: taking it may let others be added */
} event_queue_t;

typedef struct {
    event_queue_t urgent;
    event_queue_t deferrable;
} events_t;

void event_queue_add(event_queue_t *queue, const event_t *event);
/* False where there is none. Valid until the next take from this queue. */
bool event_queue_take(event_queue_t *queue, event_t *event);
bool event_queue_is_empty(const event_queue_t *queue);
size_t events_bytes(const events_t *events);
void events_reset(events_t *events); /* drops all */
void events_clear(events_t *events); /* frees */
