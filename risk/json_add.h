/* Pieces of JSON that the model's records are made of. */
#pragma once

#include "common/buf.h"
#include "risk/exposure.h"
#include "risk/label.h"
#include "risk/rules_fields.h"

#include <string.h>

/* In line, as a record is made of some hundred such pieces; the copy of a literal is then a few moves. */
static inline void json_add_piece(buf_t *out, const char *text, size_t size) {
    char *at = out->capacity - out->size >= size ? out->data + out->size : buf_reserve(out, size);
    memcpy(at, text, size);
    out->size += size;
}

#define ADD(out_, literal_) json_add_piece((out_), (literal_), sizeof(literal_) - 1)

static inline void json_add_char(buf_t *out, char c) { json_add_piece(out, &c, 1); }
/* In quotes. */
void json_add_text(buf_t *out, text_t text);
void json_add_texts(buf_t *out, const text_t *texts, int count); /* a list */
void json_add_hundredths(buf_t *out, int hundredths);
/* "category":…,"hops":…,"label":…,"via":…,"confidence":… of which label and via are left out where they are
 * unknown, confidence where it is 1. */
void json_add_exposure(buf_t *out, const exposure_t *exposure);
/* The same after "direction":…, */
void json_add_directed(buf_t *out, direction_t direction, const exposure_t *exposure);
/* "senders":12,"window_hours":24 */
void json_add_detector(buf_t *out, detector_id_t id, float value, const double *parameters);
/* An object. */
void json_add_label(buf_t *out, const label_t *label);
