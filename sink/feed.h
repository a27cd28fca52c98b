/* What listeners of Postgres's NOTIFY are told of a batch: one notification a channel, sent by the commit of
 * the rows themselves. Its payload is a JSON object,
 *     {"items":[{…},…],"more":2}
 * where `more` counts those for which a notification has no room; they are in the table all the same. */
#pragma once

#include "common/buf.h"
#include "sink/postgres.h"

#include <stddef.h>

typedef struct {
    buf_t items;
    int more;
} feed_t;

void feed_reset(feed_t *feed); /* keeps the memory */
void feed_clear(feed_t *feed);
void feed_add(feed_t *feed, const char *json, size_t size);
/* Within the transaction; nothing where there is nothing to tell. */
err_t *feed_send(feed_t *feed, const char *channel, postgres_t *postgres, arrays_t *values);
