/* A Kafka producer for the tools: idempotent, by key as Kafka's own clients partition, waiting where its
 * queue is full. */
#pragma once

#include "common/kafka.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct producer producer_t;

/* Checks that the topics are there. `topics` ends with TOPIC_COUNT. */
err_t *producer_new(const settings_t *settings, const topic_t *topics, producer_t **out);
/* What is not delivered then is lost. NULL is allowed. */
void producer_free(producer_t *producer);

/* Bytes are copied; no key where its size is 0. Waits while the queue is full; an error once a delivery has
 * failed for good. *sent false: the process was asked to stop while it waited. */
err_t *producer_send(producer_t *producer, topic_t topic, const void *key, size_t key_size, const void *value,
                     size_t size, bool *sent);
/* Waits until everything is delivered; once a stop is asked for, at most a few seconds more. */
err_t *producer_flush(producer_t *producer);
/* Sleeps; delivery reports are taken meanwhile. */
void producer_wait(producer_t *producer, int64_t wait_us);
