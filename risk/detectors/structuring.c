/* Several amounts just below a reporting threshold within a window, above it together.
 *
 * Such amounts are rare, so their record is not in the wallet: 't' + number → structuring_t, then up to
 * RECENT_MAX of the transfers, oldest first, each an int64 time, a uint16 size and the id, then a uint16 size
 * and the receiver. */
#include "risk/detectors/detectors_list.h"

#include <string.h>

enum { PARAMETER_THRESHOLD = 2, PARAMETER_BAND, PARAMETER_MIN_COUNT };
enum {
    STRUCTURING_VERSION = 1,
    TRANSFER_SIZE_MAX = sizeof(int64_t) + 2 * (sizeof(uint16_t) + WALLET_SIZE_MAX)
};

typedef struct {
    uint8_t version;
    uint8_t transfer_count;
    uint8_t unused[6];
    window_t window;
} structuring_t;

static const char *text_read(const char *at, text_t *text) {
    uint16_t size;
    memcpy(&size, at, sizeof size);
    *text = (text_t){at + sizeof size, size};
    return at + sizeof size + size;
}

static char *text_write(char *at, text_t text) {
    uint16_t size = (uint16_t)text.size;
    memcpy(at, &size, sizeof size);
    memcpy(at + sizeof size, text.data, size);
    return at + sizeof size + size;
}

static size_t transfer_size(const char *at) {
    text_t text;
    return (size_t)(text_read(text_read(at + sizeof(int64_t), &text), &text) - at);
}

float structuring_observe(const observation_t *observation, const double *parameters, float *value) {
    double threshold = parameters[PARAMETER_THRESHOLD];
    if (observation->value >= threshold || observation->value < parameters[PARAMETER_BAND] * threshold)
        return 0;
    wallet_key_t key;
    size_t size = 0;
    key_of_number(&key, KEY_STRUCTURING, observation->wallet->number);
    structuring_t header = {.version = STRUCTURING_VERSION};
    const structuring_t *before = store_get(observation->store, key.data, key.size, &size);
    char transfers[RECENT_MAX * TRANSFER_SIZE_MAX];
    size_t used = 0;
    if (before) {
        header = *before;
        const char *kept = (const char *)(before + 1), *end = (const char *)before + size;
        if (header.transfer_count == RECENT_MAX) {
            kept += transfer_size(kept);
            header.transfer_count--;
        }
        used = (size_t)(end - kept);
        memcpy(transfers, kept, used);
    }
    int64_t bucket_ms = window_bucket_ms(parameters[PARAMETER_WINDOW_HOURS]);
    if (!window_add(&header.window, observation->ms, bucket_ms)) return 0;
    char *at = transfers + used;
    memcpy(at, &observation->ms, sizeof observation->ms);
    at = text_write(text_write(at + sizeof observation->ms, observation->tx_id), observation->counterparty);
    header.transfer_count++;
    used = (size_t)(at - transfers);
    structuring_t *after = store_edit(observation->store, key.data, key.size, sizeof *after + used);
    *after = header;
    memcpy(after + 1, transfers, used);

    /* The band begins at half the threshold or more, so two amounts are above it together. */
    uint32_t count = window_sum(&header.window);
    if (count < parameters[PARAMETER_MIN_COUNT]) return 0;
    *value = (float)count;
    return strength_above(count, parameters[PARAMETER_MIN_COUNT]);
}

void structuring_collect(const observation_t *observation, const double *parameters, evidence_t *evidence) {
    wallet_key_t key;
    size_t size;
    key_of_number(&key, KEY_STRUCTURING, observation->wallet->number);
    const structuring_t *record = store_get(observation->store, key.data, key.size, &size);
    if (!record) return;
    const char *at = (const char *)(record + 1);
    for (int i = 0; i < record->transfer_count; i++) {
        int64_t ms;
        text_t tx_id, receiver;
        memcpy(&ms, at, sizeof ms);
        at = text_read(text_read(at + sizeof ms, &tx_id), &receiver);
        if (ms < observation_since_ms(observation, parameters)) continue;
        evidence_add_transfer(evidence, tx_id);
        evidence_add_wallet(evidence, receiver);
    }
}
