/* A topic from its beginning to its present end, as compacted topics are read: what they hold now. */
#pragma once

#include "common/settings.h"
#include "common/topics.h"

#include <stddef.h>
#include <stdint.h>

/* `value` NULL: a deletion. Bytes are borrowed for the call. */
typedef void (*topic_visit_t)(void *context, const char *key, size_t key_size, const char *value, size_t size,
                              int64_t record_ms);

/* Hands over every record, each partition's in their order. `what` for messages: "labels". Waits at most
 * TOPIC_SILENCE_MS_MAX for each next record. */
err_t *topic_read(const settings_t *settings, topic_t topic, const char *what, topic_visit_t visit,
                  void *context);
