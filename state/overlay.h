/* The two layers over a task's durable map: *pending*, what the open transaction wrote, and *committed*, what
 * Kafka has and the map has not. Also the cache of what was read.
 *
 * An entry has one current value and, while it is pending, the value it had at the last commit. A commit
 * forgets the old values, an abort brings them back, a flush hands out the committed ones. Values are shared
 * with the flush that is under way by a count, so none is copied: a pending write makes its own copy
 * first. */
#pragma once

#include "state/kv.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct overlay overlay_t;
typedef struct overlay_entry overlay_entry_t;

overlay_t *overlay_new(void);
void overlay_free(overlay_t *overlay);

/* NULL where the overlay knows nothing of the key; it may still be in the map below. */
overlay_entry_t *overlay_find(overlay_t *overlay, const void *key, size_t key_size);
/* The key must not be known yet. `value` NULL: the map below has no such key. */
overlay_entry_t *overlay_remember(overlay_t *overlay, const void *key, size_t key_size, const void *value,
                                  size_t size);

const void *overlay_value(overlay_entry_t *entry, size_t *size); /* NULL: absent */
/* The pending value, resized: the beginning kept, new bytes zero. */
void *overlay_edit(overlay_t *overlay, overlay_entry_t *entry, size_t size);
void overlay_remove(overlay_t *overlay, overlay_entry_t *entry);
/* What was committed before this overlay was made, as a flush will hand it out; `value` NULL is a removal.
 * The key has nothing pending. */
void overlay_restore(overlay_t *overlay, const void *key, size_t key_size, const void *value, size_t size);

/* Pending writes in the order of their first write; value NULL is a removal. */
typedef err_t *(*overlay_visit_t)(void *context, const kv_put_t *put);
err_t *overlay_each_pending(overlay_t *overlay, overlay_visit_t visit, void *context);
size_t overlay_pending_count(const overlay_t *overlay);
/* Everything known and present, in no order. */
err_t *overlay_each(overlay_t *overlay, overlay_visit_t visit, void *context);

void overlay_commit(overlay_t *overlay);
void overlay_abort(overlay_t *overlay);

/* With nothing pending: the committed layer as puts that stay valid until overlay_flush_done. Returns the
 * count; one flush at a time. `room` more puts are left free behind them for the caller's own. */
size_t overlay_flush_take(overlay_t *overlay, size_t room, kv_put_t **puts);
/* `written` false: the entries count as committed and not flushed again. */
void overlay_flush_done(overlay_t *overlay, bool written);
size_t overlay_dirty_bytes(const overlay_t *overlay); /* size of the committed layer, about */

size_t overlay_bytes(const overlay_t *overlay); /* all memory, about */
/* Drops entries that the map below has, least recently used first (CLOCK), until `bytes_max` or two rounds.
 * True where any was dropped. */
bool overlay_evict(overlay_t *overlay, size_t bytes_max);
