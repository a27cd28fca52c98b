#include "risk/edge.h"

#include "risk/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { RECENT_SIZE_MAX = sizeof(uint16_t) + WALLET_SIZE_MAX };

typedef struct {
    text_t earliest;
    text_t recent[EDGE_RECENT_MAX + 1];
    int recent_count;
} edge_names_t;

static edge_names_t names_read(const edge_t *edge) {
    edge_names_t names = {.recent_count = edge->recent_count};
    const char *at = (const char *)(edge + 1);
    names.earliest = (text_t){at, edge->earliest_size};
    at += edge->earliest_size;
    for (int i = 0; i < edge->recent_count; i++) {
        uint16_t size;
        memcpy(&size, at, sizeof size);
        names.recent[i] = (text_t){at + sizeof size, size};
        at += sizeof size + size;
    }
    return names;
}

static void names_add_recent(edge_names_t *names, text_t tx_id) {
    names->recent[names->recent_count++] = tx_id;
    if (names->recent_count <= EDGE_RECENT_MAX) return;
    memmove(names->recent, names->recent + 1, EDGE_RECENT_MAX * sizeof *names->recent);
    names->recent_count = EDGE_RECENT_MAX;
}

static size_t names_write(const edge_names_t *names, char *out) {
    char *at = out;
    memcpy(at, names->earliest.data, names->earliest.size);
    at += names->earliest.size;
    for (int i = 0; i < names->recent_count; i++) {
        uint16_t size = (uint16_t)names->recent[i].size;
        memcpy(at, &size, sizeof size);
        memcpy(at + sizeof size, names->recent[i].data, size);
        at += sizeof size + size;
    }
    return (size_t)(at - out);
}

static edge_hit_t record_apply(store_t *store, const wallet_key_t *key, uint32_t degree, text_t tx_id,
                               double value, int64_t ms) {
    size_t size;
    const edge_t *before = store_get(store, key->data, key->size, &size);
    if (!before) {
        edge_t *edge = store_edit(store, key->data, key->size, sizeof *edge + tx_id.size);
        *edge = (edge_t){.version = EDGE_VERSION,
                         .earliest_size = (uint16_t)tx_id.size,
                         .index = degree,
                         .count = 1,
                         .value = value,
                         .last_ms = ms,
                         .earliest_ms = ms};
        memcpy(edge + 1, tx_id.data, tx_id.size);
        return (edge_hit_t){.is_new = true};
    }
    edge_t header = *before;
    edge_hit_t hit = {.last_ms = header.last_ms};
    edge_names_t names = names_read(before);
    bool earlier =
        ms < header.earliest_ms || (ms == header.earliest_ms && text_compare(tx_id, names.earliest) < 0);
    names_add_recent(&names, earlier ? names.earliest : tx_id);
    if (earlier) {
        names.earliest = tx_id;
        header.earliest_ms = ms;
    }
    header.count++;
    header.value = fmin(header.value + value, DBL_MAX);
    if (ms > header.last_ms) header.last_ms = ms;
    header.recent_count = (uint8_t)names.recent_count;
    header.earliest_size = (uint16_t)names.earliest.size;
    char tail[WALLET_SIZE_MAX + EDGE_RECENT_MAX * RECENT_SIZE_MAX];
    size_t tail_size = names_write(&names, tail);
    edge_t *edge = store_edit(store, key->data, key->size, sizeof *edge + tail_size);
    *edge = header;
    memcpy(edge + 1, tail, tail_size);
    return hit;
}

edge_hit_t edge_apply(store_t *store, wallet_t *wallet, text_t receiver, text_t tx_id, double value,
                      int64_t ms) {
    wallet_key_t key;
    key_of_edge(&key, KEY_EDGE, wallet->number, receiver);
    edge_hit_t hit = record_apply(store, &key, wallet->out_degree, tx_id, value, ms);
    if (!hit.is_new) return hit;
    key_of_index(&key, KEY_RECEIVER, wallet->number, wallet->out_degree++);
    memcpy(store_edit(store, key.data, key.size, receiver.size), receiver.data, receiver.size);
    return hit;
}

void edge_add_tainted(store_t *store, const wallet_t *wallet, text_t receiver, double value) {
    wallet_key_t key;
    size_t size;
    key_of_edge(&key, KEY_EDGE, wallet->number, receiver);
    if (!store_get(store, key.data, key.size, &size)) return; /* a failed read, which the store reports */
    edge_t *edge = store_edit(store, key.data, key.size, size);
    edge->tainted = fmin(edge->tainted + value, edge->value);
}

void edge_add_sender(store_t *store, wallet_t *wallet, text_t sender, text_t tx_id, int64_t ms) {
    wallet_key_t key;
    key_of_index(&key, KEY_SENDER, wallet->number, wallet->in_degree++);
    sender_t *record = store_edit(store, key.data, key.size, sizeof *record + tx_id.size + sender.size);
    *record = (sender_t){.version = SENDER_VERSION,
                         .tx_id_size = (uint16_t)tx_id.size,
                         .name_size = (uint16_t)sender.size,
                         .first_ms = ms};
    memcpy(record + 1, tx_id.data, tx_id.size);
    memcpy((char *)(record + 1) + tx_id.size, sender.data, sender.size);
}

const edge_t *edge_find(store_t *store, uint32_t number, text_t receiver) {
    wallet_key_t key;
    size_t size;
    key_of_edge(&key, KEY_EDGE, number, receiver);
    return store_get(store, key.data, key.size, &size);
}

text_t edge_receiver(store_t *store, uint32_t number, uint32_t index) {
    wallet_key_t key;
    size_t size;
    key_of_index(&key, KEY_RECEIVER, number, index);
    const char *name = store_get(store, key.data, key.size, &size);
    return name ? (text_t){name, size} : (text_t){"", 0};
}

const sender_t *edge_sender(store_t *store, uint32_t number, uint32_t index) {
    wallet_key_t key;
    size_t size;
    key_of_index(&key, KEY_SENDER, number, index);
    return store_get(store, key.data, key.size, &size);
}

text_t sender_tx_id(const sender_t *sender) {
    return (text_t){(const char *)(sender + 1), sender->tx_id_size};
}

text_t sender_name(const sender_t *sender) {
    return (text_t){(const char *)(sender + 1) + sender->tx_id_size, sender->name_size};
}

text_t edge_earliest(const edge_t *edge) { return names_read(edge).earliest; }

text_t edge_latest(const edge_t *edge) {
    edge_names_t names = names_read(edge);
    return names.recent_count ? names.recent[names.recent_count - 1] : names.earliest;
}

int edge_transfers(const edge_t *edge, text_t out[EDGE_RECENT_MAX + 1]) {
    edge_names_t names = names_read(edge);
    out[0] = names.earliest;
    memcpy(out + 1, names.recent, (size_t)names.recent_count * sizeof *out);
    return 1 + names.recent_count;
}
