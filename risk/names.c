#include "risk/names.h"

#include "risk/text.h"

#include <stdlib.h>

size_t names_add(names_t *names, text_t name, text_t note, void *record) {
    if (names->count == names->capacity) {
        names->capacity = names->capacity ? names->capacity * 2 : 64;
        names->items = realloc(names->items, names->capacity * sizeof *names->items);
        if (!names->items) abort();
    }
    names->items[names->count] = (names_item_t){
        .name_at = names->text.size,
        .name_size = name.size,
        .note_at = names->text.size + name.size,
        .note_size = note.size,
        .note_room = note.size,
        .record = record,
    };
    buf_add(&names->text, name.data, name.size);
    buf_add(&names->text, note.data, note.size);
    return names->count++;
}

void names_set_note(names_t *names, size_t place, text_t note) {
    names_item_t *item = &names->items[place];
    if (note.size > item->note_room) {
        item->note_at = names->text.size;
        item->note_room = note.size;
        buf_add(&names->text, note.data, note.size);
    } else if (note.size) {
        memcpy(names->text.data + item->note_at, note.data, note.size);
    }
    item->note_size = note.size;
}

text_t names_name(const names_t *names, size_t place) {
    return (text_t){names->text.data + names->items[place].name_at, names->items[place].name_size};
}

text_t names_note(const names_t *names, size_t place) {
    return (text_t){names->text.data + names->items[place].note_at, names->items[place].note_size};
}

bool names_holds(const names_t *names, size_t place, text_t name) {
    return place < names->count && text_equal(names_name(names, place), name);
}

void names_reset(names_t *names) {
    names->count = 0;
    buf_reset(&names->text);
}

void names_clear(names_t *names) {
    free(names->items);
    buf_clear(&names->text);
    *names = (names_t){0};
}
