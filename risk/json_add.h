/* Pieces of JSON that the model's records are made of. */
#pragma once

#include "common/buf.h"
#include "risk/exposure.h"
#include "risk/rules_fields.h"

#define ADD(out_, literal_) buf_add((out_), (literal_), sizeof(literal_) - 1)

static inline void json_add_text(buf_t *out, text_t text) { buf_add_json_str(out, text.data, text.size); }
void json_add_hundredths(buf_t *out, int hundredths);
/* "category":…,"hops":…,"label":…,"via":… of which label and via are left out where they are unknown. */
void json_add_exposure(buf_t *out, const exposure_t *exposure);
/* "senders":12,"window_hours":24 */
void json_add_detector(buf_t *out, detector_id_t id, float value, const double *parameters);
