/* Wallets that wait for the next commit: a list that keeps its memory. */
#pragma once

#include "common/buf.h"
#include "risk/transfer.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    size_t name_at;
    size_t name_size;
    size_t note_at;
    size_t note_size;
    size_t note_room;
    void *record; /* of the wallet, in the store's memory */
} names_item_t;

typedef struct {
    names_item_t *items;
    size_t count;
    size_t capacity;
    buf_t text;
} names_t;

size_t names_add(names_t *names, text_t name, text_t note, void *record); /* returns its place */
void names_set_note(names_t *names, size_t place, text_t note);
/* Valid until the next call that adds. */
text_t names_name(const names_t *names, size_t place);
text_t names_note(const names_t *names, size_t place);
bool names_holds(const names_t *names, size_t place, text_t name);
void names_reset(names_t *names);
void names_clear(names_t *names); /* frees */
