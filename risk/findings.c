#include "risk/findings.h"

const findings_t *findings_read(store_t *store, const wallet_t *wallet) {
    wallet_key_t key;
    size_t size;
    if (!wallet->found) return NULL;
    key_of_number(&key, KEY_FINDINGS, wallet->number);
    return store_get(store, key.data, key.size, &size);
}

findings_t *findings_head_edit(store_t *store, const wallet_t *wallet) {
    wallet_key_t key;
    size_t size = 0;
    key_of_number(&key, KEY_FINDINGS, wallet->number);
    store_get(store, key.data, key.size, &size);
    return store_edit(store, key.data, key.size, size);
}

int64_t findings_at_ms(const findings_t *findings, const wallet_t *wallet) {
    if (!findings || !findings->judged_ms || findings->judged_ms < wallet->newest_ms)
        return wallet->newest_ms;
    return findings->judged_ms;
}

finding_t *findings_edit(store_t *store, wallet_t *wallet, detector_id_t detector) {
    wallet_key_t key;
    const findings_t *before = findings_read(store, wallet);
    int count = before ? before->count : 0, place = 0;
    while (place < count && before->items[place].detector != detector) place++;
    if (place == count) count++;
    key_of_number(&key, KEY_FINDINGS, wallet->number);
    findings_t *findings =
        store_edit(store, key.data, key.size, sizeof *findings + (size_t)count * sizeof(finding_t));
    findings->version = FINDINGS_VERSION;
    findings->count = (uint8_t)count;
    findings->items[place].detector = (uint8_t)detector;
    wallet->found |= 1u << detector;
    return &findings->items[place];
}
