/* Between the two readers of a record and the rules of what a transfer is: each field as JSON gave it. */
#pragma once

#include "risk/transfer.h"

#include <stdbool.h>

typedef enum {
    FIELD_TX_ID,
    FIELD_SRC,
    FIELD_SENDER,
    FIELD_FROM,
    FIELD_DST,
    FIELD_RECEIVER,
    FIELD_TO,
    FIELD_AMOUNT,
    FIELD_ASSET,
    FIELD_TIMESTAMP,
    FIELD_COUNT
} field_name_t;

typedef struct {
    enum {
        FIELD_ABSENT, /* or null */
        FIELD_TEXT,
        FIELD_INTEGER, /* `text` is its decimal form, `number` its value */
        FIELD_NUMBER,
        FIELD_OTHER, /* true, false, an object or a list */
    } kind;
    text_t text;
    double number;
} field_t;

typedef struct {
    field_t values[FIELD_COUNT];
} transfer_fields_t;

extern const char *const field_names[FIELD_COUNT];

/* FIELD_COUNT where the name is none of ours. */
field_name_t field_of_name(const char *name, size_t size);
/* A finite decimal number that takes the whole text. */
bool number_parse(const char *text, size_t size, double *number);

/* The quick way: flat objects of plain strings and numbers, as nearly all records are. False where the record
 * is anything else, right or wrong; then it is for jansson to say. */
bool transfer_fields_scan(const char *json, size_t size, transfer_fields_t *fields);
