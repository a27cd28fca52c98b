/* Labels as a table for people, or in the forms that `labels import` reads. */
#pragma once

#include "tools/label_table.h"

#include <stdbool.h>

typedef enum {
    LABEL_FORM_TABLE,
    LABEL_FORM_CSV,
    LABEL_FORM_JSON, /* a list */
    LABEL_FORM_JSON_LINES,
    LABEL_FORM_ADDRESSES,
    LABEL_FORM_COUNT
} label_form_t;

extern const char *const label_form_names[LABEL_FORM_COUNT + 1]; /* ends with NULL */

/* Which are shown; NULL or "": all. */
typedef struct {
    const char *category;
    const char *source;
} label_filter_t;

/* Appends those of the table that the filter lets through, in the table's order, wallets as their labels
 * spell them. */
void label_print(const label_table_t *table, label_form_t form, const label_filter_t *filter, buf_t *out);
