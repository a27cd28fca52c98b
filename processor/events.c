#include "processor/events.h"

#include <string.h>

typedef struct {
    int32_t partition;
    uint32_t wallet_size;
    uint32_t size;
} event_head_t;

enum { COMPACT_BYTES = 1 << 16 };

void event_queue_add(event_queue_t *queue, const event_t *event) {
    event_head_t head = {event->partition, (uint32_t)event->wallet_size, (uint32_t)event->size};
    buf_add(&queue->waiting, &head, sizeof head);
    buf_add(&queue->waiting, event->wallet, event->wallet_size);
    buf_add(&queue->waiting, event->event, event->size);
}

/* What was taken makes room at the front, once it is the larger part. */
static void compact(event_queue_t *queue) {
    buf_t *waiting = &queue->waiting;
    if (queue->taken < waiting->size && (queue->taken < COMPACT_BYTES || queue->taken < waiting->size / 2))
        return;
    memmove(waiting->data, waiting->data + queue->taken, waiting->size - queue->taken);
    waiting->size -= queue->taken;
    queue->taken = 0;
}

bool event_queue_take(event_queue_t *queue, event_t *event) {
    if (event_queue_is_empty(queue)) return false;
    event_head_t head;
    memcpy(&head, queue->waiting.data + queue->taken, sizeof head);
    size_t body = (size_t)head.wallet_size + head.size;
    buf_reset(&queue->current);
    buf_add(&queue->current, queue->waiting.data + queue->taken + sizeof head, body);
    queue->taken += sizeof head + body;
    compact(queue);
    const char *wallet = head.wallet_size ? queue->current.data : NULL;
    *event = (event_t){head.partition, wallet, head.wallet_size, queue->current.data + head.wallet_size,
                       head.size};
    return true;
}

bool event_queue_is_empty(const event_queue_t *queue) { return queue->taken == queue->waiting.size; }

size_t events_bytes(const events_t *events) {
    return events->urgent.waiting.size - events->urgent.taken + events->deferrable.waiting.size -
           events->deferrable.taken;
}

static void queue_reset(event_queue_t *queue) {
    buf_reset(&queue->waiting);
    queue->taken = 0;
}

void events_reset(events_t *events) {
    queue_reset(&events->urgent);
    queue_reset(&events->deferrable);
}

static void queue_clear(event_queue_t *queue) {
    buf_clear(&queue->waiting);
    buf_clear(&queue->current);
    queue->taken = 0;
}

void events_clear(events_t *events) {
    queue_clear(&events->urgent);
    queue_clear(&events->deferrable);
}
