#include "risk/journal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint8_t version;
    uint8_t count;
    uint8_t unused[6];
    double mark;
    int64_t mark_ms;
} journal_head_t;

typedef struct {
    int64_t ms;
    double value;
} entry_head_t;

enum { ENTRY_SIZE_MAX = sizeof(entry_head_t) + 2 * (sizeof(uint16_t) + WALLET_SIZE_MAX) };

static void key_of_journal(wallet_key_t *key, detector_id_t detector, const wallet_t *wallet) {
    key_of_number(key, KEY_JOURNAL, wallet->number);
    key->data[key->size++] = (char)detector;
}

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

void journal_read(store_t *store, detector_id_t detector, const wallet_t *wallet, journal_t *out) {
    wallet_key_t key;
    size_t size;
    key_of_journal(&key, detector, wallet);
    const journal_head_t *head = store_get(store, key.data, key.size, &size);
    out->count = head ? head->count : 0;
    out->mark = head ? head->mark : 0;
    out->mark_ms = head ? head->mark_ms : 0;
    const char *at = (const char *)(head + 1);
    for (int i = 0; i < out->count; i++) {
        journal_entry_t *entry = &out->entries[i];
        entry_head_t numbers;
        memcpy(&numbers, at, sizeof numbers);
        entry->ms = numbers.ms;
        entry->value = numbers.value;
        at = text_read(text_read(at + sizeof numbers, &entry->tx_id), &entry->counterparty);
    }
}

void journal_keep(journal_t *journal, int64_t ms, int64_t window_ms) {
    int kept = 0;
    for (int i = 0; i < journal->count; i++)
        if (llabs(journal->entries[i].ms - ms) < window_ms) journal->entries[kept++] = journal->entries[i];
    journal->count = kept;
}

void journal_add(journal_t *journal, const observation_t *observation, double value) {
    journal->entries[journal->count++] = (journal_entry_t){
        .ms = observation->ms,
        .value = value,
        .tx_id = observation->tx_id,
        .counterparty = observation->counterparty,
    };
    if (journal->count <= JOURNAL_MAX) return;
    memmove(journal->entries, journal->entries + 1, JOURNAL_MAX * sizeof *journal->entries);
    journal->count = JOURNAL_MAX;
}

void journal_write(store_t *store, detector_id_t detector, const wallet_t *wallet, const journal_t *journal) {
    char bytes[JOURNAL_MAX * ENTRY_SIZE_MAX], *at = bytes;
    assert(journal->count <= JOURNAL_MAX);
    for (int i = 0; i < journal->count; i++) {
        const journal_entry_t *entry = &journal->entries[i];
        entry_head_t numbers = {entry->ms, entry->value};
        memcpy(at, &numbers, sizeof numbers);
        at = text_write(text_write(at + sizeof numbers, entry->tx_id), entry->counterparty);
    }
    wallet_key_t key;
    size_t size = (size_t)(at - bytes);
    key_of_journal(&key, detector, wallet);
    journal_head_t *head = store_edit(store, key.data, key.size, sizeof *head + size);
    *head = (journal_head_t){.version = JOURNAL_VERSION,
                             .count = (uint8_t)journal->count,
                             .mark = journal->mark,
                             .mark_ms = journal->mark_ms};
    memcpy(head + 1, bytes, size);
}

void journal_remove(store_t *store, detector_id_t detector, const wallet_t *wallet) {
    wallet_key_t key;
    key_of_journal(&key, detector, wallet);
    store_remove(store, key.data, key.size);
}

void journal_collect(detector_id_t detector, const observation_t *observation, const double *parameters,
                     evidence_t *evidence) {
    journal_t journal;
    journal_read(observation->store, detector, observation->wallet, &journal);
    journal_keep(&journal, observation->ms, observation_window_ms(parameters));
    for (int i = 0; i < journal.count; i++) {
        evidence_add_transfer(evidence, journal.entries[i].tx_id);
        evidence_add_wallet(evidence, journal.entries[i].counterparty);
    }
}
