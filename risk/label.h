/* A wallet's own label.
 *
 * Layout of 'l' + wallet: label_t, then source, note and address. Read from JSON: {"category", "source",
 * "confidence", "note", "date", "address"}, of which only the category must be there. */
#pragma once

#include "common/buf.h"
#include "risk/category.h"
#include "risk/limits.h"

#include <stddef.h>
#include <stdint.h>

enum { LABEL_VERSION = 2 };

#define LABEL_NO_DATE INT64_MIN

typedef struct {
    uint8_t version;
    uint8_t category;
    uint16_t source_size;
    uint16_t note_size;
    uint16_t address_size;
    double confidence; /* 0..1; 1 where the label says none */
    int64_t date_ms;   /* as of when its source says so; LABEL_NO_DATE where the label says none */
} label_t;

/* Appends the label as it is stored. `wallet` is whose it is, in any case of letters: the address is kept
 * where "address" or the wallet itself is not in the normal form. Returns a reason (static) where the JSON is
 * no label; then nothing is appended. */
const char *label_parse(text_t wallet, const char *json, size_t size, buf_t *out);
text_t label_source(const label_t *label);
text_t label_note(const label_t *label);
text_t label_address(const label_t *label); /* for display; size 0 where it is the wallet's name */
