/* A topic from its beginning to its present end, as compacted topics are read: what they hold now; or from
 * its end on. Joins no group. */
#pragma once

#include "common/settings.h"
#include "common/topics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `value` NULL: a deletion. Bytes are borrowed for the call. */
typedef void (*topic_visit_t)(void *context, const char *key, size_t key_size, const char *value, size_t size,
                              int64_t record_ms);

/* Hands over every record, each partition's in their order. `what` for messages: "labels". Waits at most
 * TOPIC_SILENCE_MS_MAX for each next record. */
err_t *topic_read(const settings_t *settings, topic_t topic, const char *what, topic_visit_t visit,
                  void *context);

/* The same in steps. `what` must outlive the reader. */
typedef struct topic_reader topic_reader_t;

err_t *topic_reader_new(const settings_t *settings, topic_t topic, const char *what, bool from_end,
                        topic_reader_t **out);
void topic_reader_free(topic_reader_t *reader); /* NULL is allowed */
/* Hands over the next record, where one comes within the time. */
err_t *topic_reader_poll(topic_reader_t *reader, int timeout_ms, topic_visit_t visit, void *context);
