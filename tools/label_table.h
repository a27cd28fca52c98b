/* Labels by wallet, as files or the topic of labels have them: one a wallet, the last. */
#pragma once

#include "common/buf.h"
#include "risk/label.h"

#include <uthash.h>

typedef struct {
    UT_hash_handle hh;
    text_t wallet; /* in its normal form */
    text_t key;    /* of its record in the topic: the wallet, in whatever case it was sent */
    buf_t names;   /* holds both */
    buf_t json;    /* the record's value */
    buf_t stored;  /* see label_row_label */
} label_row_t;

typedef struct {
    label_row_t *rows; /* in the order of wallets after label_table_sort; the next is hh.next */
} label_table_t;

/* Takes the label in, in place of the wallet's last; NULL JSON takes that out. Returns a reason (static)
 * where it is no label; then nothing has changed. */
const char *label_table_put(label_table_t *table, text_t key, const char *json, size_t size);
label_row_t *label_table_find(const label_table_t *table, text_t wallet); /* NULL where there is none */
size_t label_table_count(const label_table_t *table);
void label_table_sort(label_table_t *table);
void label_table_clear(label_table_t *table); /* frees */

static inline const label_t *label_row_label(const label_row_t *row) {
    return (const label_t *)(const void *)row->stored.data;
}
/* The same to the risk model, whatever their JSON looks like. */
bool label_row_equal(const label_row_t *a, const label_row_t *b);
