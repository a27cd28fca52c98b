#include "risk/wallet.h"

#include <assert.h>
#include <string.h>

static void put_number(char *at, uint32_t number) {
    at[0] = (char)(number >> 24);
    at[1] = (char)(number >> 16);
    at[2] = (char)(number >> 8);
    at[3] = (char)number;
}

void key_of_name(wallet_key_t *key, char kind, text_t name) {
    assert(name.size <= WALLET_SIZE_MAX);
    key->data[0] = kind;
    memcpy(key->data + 1, name.data, name.size);
    key->size = 1 + name.size;
}

void key_of_edge(wallet_key_t *key, char kind, uint32_t number, text_t name) {
    assert(name.size <= WALLET_SIZE_MAX);
    key->data[0] = kind;
    put_number(key->data + 1, number);
    memcpy(key->data + 1 + sizeof number, name.data, name.size);
    key->size = 1 + sizeof number + name.size;
}

void key_of_index(wallet_key_t *key, char kind, uint32_t number, uint32_t index) {
    key->data[0] = kind;
    put_number(key->data + 1, number);
    put_number(key->data + 1 + sizeof number, index);
    key->size = 1 + sizeof number + sizeof index;
}

void key_of_number(wallet_key_t *key, char kind, uint32_t number) {
    key->data[0] = kind;
    put_number(key->data + 1, number);
    key->size = 1 + sizeof number;
}

bool wallet_read(store_t *store, text_t name, wallet_t *out) {
    wallet_key_t key;
    size_t size;
    key_of_name(&key, KEY_WALLET, name);
    const void *record = store_get(store, key.data, key.size, &size);
    if (!record) return false;
    *out = (wallet_t){0};
    memcpy(out, record, size < sizeof *out ? size : sizeof *out);
    return true;
}

static uint32_t next_number(store_t *store) {
    static const char key[] = {KEY_NUMBERS};
    numbers_t *numbers = store_edit(store, key, sizeof key, sizeof *numbers);
    numbers->version = NUMBERS_VERSION;
    return numbers->next++;
}

uint32_t wallet_count(store_t *store) {
    static const char key[] = {KEY_NUMBERS};
    size_t size;
    const numbers_t *numbers = store_get(store, key, sizeof key, &size);
    return numbers ? numbers->next : 0;
}

text_t wallet_name(store_t *store, uint32_t number) {
    wallet_key_t key;
    size_t size = 0;
    key_of_number(&key, KEY_NAME, number);
    const char *name = store_get(store, key.data, key.size, &size);
    return (text_t){name ? name : "", size};
}

static uint32_t number_take(store_t *store, text_t name) {
    wallet_key_t key;
    uint32_t number = next_number(store);
    key_of_number(&key, KEY_NAME, number);
    memcpy(store_edit(store, key.data, key.size, name.size), name.data, name.size);
    return number;
}

wallet_t *wallet_edit(store_t *store, text_t name, bool *is_new) {
    wallet_key_t key;
    key_of_name(&key, KEY_WALLET, name);
    wallet_t *wallet = store_edit(store, key.data, key.size, sizeof *wallet);
    *is_new = wallet->version == 0;
    if (*is_new) {
        wallet->version = WALLET_VERSION;
        wallet->number = number_take(store, name);
    }
    return wallet;
}
