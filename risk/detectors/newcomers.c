#include "risk/detectors/newcomers.h"

#include "risk/text.h"

#include <math.h>
#include <string.h>

enum { PARAMETER_MIN_SHARE = 2, PARAMETER_MIN_BITS, PARAMETER_MIN_COUNT };
enum {
    NEWCOMERS_VERSION = 1,
    NEWCOMER_SIZE_MAX = 2 * sizeof(uint64_t) + 2 * WALLET_SIZE_MAX,
};

/* Above this all are newcomers, and one more says nothing. */
#define SHARE_MOST 0.95

typedef struct {
    uint8_t version;
    uint8_t count;
    uint16_t unused;
    uint32_t degree; /* the wallet's, when the last newcomer came */
    float bits;
    uint32_t unused_too;
} newcomers_t;

typedef struct {
    int64_t ms;
    uint16_t tx_id_size;
    uint16_t wallet_size;
    uint32_t unused;
} newcomer_entry_t;

_Static_assert(sizeof(newcomer_entry_t) <= 2 * sizeof(uint64_t), "NEWCOMER_SIZE_MAX");

static size_t entry_size(const char *at) {
    newcomer_entry_t entry;
    memcpy(&entry, at, sizeof entry);
    return sizeof entry + entry.tx_id_size + entry.wallet_size;
}

static const char *entry_read(const char *at, newcomer_entry_t *entry, text_t *tx_id, text_t *wallet) {
    memcpy(entry, at, sizeof *entry);
    at += sizeof *entry;
    *tx_id = (text_t){at, entry->tx_id_size};
    *wallet = (text_t){at + entry->tx_id_size, entry->wallet_size};
    return at + entry->tx_id_size + entry->wallet_size;
}

static char *entry_write(char *at, const observation_t *observation) {
    newcomer_entry_t entry = {.ms = observation->ms,
                              .tx_id_size = (uint16_t)observation->tx_id.size,
                              .wallet_size = (uint16_t)observation->counterparty.size};
    memcpy(at, &entry, sizeof entry);
    at += sizeof entry;
    memcpy(at, observation->tx_id.data, observation->tx_id.size);
    at += observation->tx_id.size;
    memcpy(at, observation->counterparty.data, observation->counterparty.size);
    return at + observation->counterparty.size;
}

static const newcomers_t *record_find(const observation_t *observation, newcomers_side_t side, size_t *size) {
    wallet_key_t key;
    key_of_index(&key, KEY_NEWCOMERS, observation->wallet->number, side);
    return store_get(observation->store, key.data, key.size, size);
}

static bool holds(const newcomers_t *record, text_t wanted) {
    const char *at = (const char *)(record + 1);
    for (int i = 0; i < record->count; i++) {
        newcomer_entry_t entry;
        text_t tx_id, wallet;
        at = entry_read(at, &entry, &tx_id, &wallet);
        if (text_equal(tx_id, wanted)) return true;
    }
    return false;
}

/* The sum after those that were none, and then one that is. */
static float sum_bits(const observation_t *observation, const double *parameters, const newcomers_t *before,
                      uint32_t degree) {
    double usual = (double)observation->newcomer_share;
    double high = fmax(parameters[PARAMETER_MIN_SHARE], fmin(2 * usual, SHARE_MOST));
    double bits = (double)before->bits;
    uint32_t others = before->degree < degree ? degree - before->degree - 1 : 0;
    if (usual >= high) usual = high;
    bits += others * log2((1 - high) / (1 - usual));
    return (float)(fmax(bits, 0) + log2(high / usual));
}

float newcomers_observe(const observation_t *observation, const double *parameters, newcomers_side_t side,
                        float *value) {
    if (!observation->counterparty_is_newcomer || !observation->hit.is_new) return 0;
    const wallet_t *wallet = observation->wallet;
    uint32_t degree = side == NEWCOMERS_IN ? wallet->in_degree : wallet->out_degree;
    size_t size = 0, used = 0;
    char entries[NEWCOMERS_MAX * NEWCOMER_SIZE_MAX];
    newcomers_t after = {.version = NEWCOMERS_VERSION};
    const newcomers_t *before = record_find(observation, side, &size);
    if (before && holds(before, observation->tx_id)) return 0;
    if (before) after = *before;
    after.bits = sum_bits(observation, parameters, &after, degree);
    after.degree = degree;
    if (before) {
        const char *kept = (const char *)(before + 1), *end = (const char *)before + size;
        if (after.count == NEWCOMERS_MAX) {
            kept += entry_size(kept);
            after.count--;
        }
        used = (size_t)(end - kept);
        memcpy(entries, kept, used);
    }
    used = (size_t)(entry_write(entries + used, observation) - entries);
    after.count++;

    wallet_key_t key;
    key_of_index(&key, KEY_NEWCOMERS, wallet->number, side);
    newcomers_t *record = store_edit(observation->store, key.data, key.size, sizeof after + used);
    *record = after;
    memcpy(record + 1, entries, used);
    if (after.count < parameters[PARAMETER_MIN_COUNT] || (double)after.bits < parameters[PARAMETER_MIN_BITS])
        return 0;
    *value = after.count;
    return strength_above((double)after.bits, parameters[PARAMETER_MIN_BITS]);
}

void newcomers_collect(const observation_t *observation, const double *parameters, newcomers_side_t side,
                       evidence_t *evidence) {
    size_t size;
    const newcomers_t *record = record_find(observation, side, &size);
    if (!record) return;
    const char *at = (const char *)(record + 1);
    for (int i = 0; i < record->count; i++) {
        newcomer_entry_t entry;
        text_t tx_id, wallet;
        at = entry_read(at, &entry, &tx_id, &wallet);
        if (entry.ms < observation_since_ms(observation, parameters)) continue;
        evidence_add_transfer(evidence, tx_id);
        evidence_add_wallet(evidence, wallet);
    }
}
