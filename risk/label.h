/* A wallet's own label.
 *
 * Layout of 'l' + wallet: label_t, then source and note. Read from JSON: {"category", "source", "confidence",
 * "note"}, of which only the category must be there. */
#pragma once

#include "common/buf.h"
#include "risk/category.h"
#include "risk/limits.h"

#include <stddef.h>
#include <stdint.h>

enum { LABEL_VERSION = 1 };

typedef struct {
    uint8_t version;
    uint8_t category;
    uint16_t source_size;
    uint16_t note_size;
    uint16_t unused;
    double confidence; /* 0..1; 1 where the label says none */
} label_t;

/* Appends the label as it is stored. Returns a reason (static) where the JSON is no label; then nothing is
 * appended. */
const char *label_parse(const char *json, size_t size, buf_t *out);
text_t label_source(const label_t *label);
text_t label_note(const label_t *label);
