#include "sink/feed.h"

#include "sink/limits.h"

#include <string.h>

static const statement_t statement_notify = {"notify", "SELECT pg_notify($1::text, $2::text)"};

void feed_reset(feed_t *feed) {
    buf_reset(&feed->items);
    feed->more = 0;
}

void feed_clear(feed_t *feed) { buf_clear(&feed->items); }

void feed_add(feed_t *feed, const char *json, size_t size) {
    if (feed->items.size + size > FEED_SIZE_MAX) {
        feed->more++;
        return;
    }
    if (feed->items.size) buf_add_char(&feed->items, ',');
    buf_add(&feed->items, json, size);
}

err_t *feed_send(feed_t *feed, const char *channel, postgres_t *postgres, arrays_t *values) {
    if (!feed->items.size && !feed->more) return NULL;
    arrays_reset(values);
    value_add_text(values, channel, strlen(channel));
    buf_t *payload = value_begin(values);
    buf_add_str(payload, "{\"items\":[");
    buf_add(payload, feed->items.data, feed->items.size);
    buf_printf(payload, "],\"more\":%d}", feed->more);
    return postgres_write(postgres, &statement_notify, values, NULL);
}
