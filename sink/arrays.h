/* Values of a statement, most of them arrays, in Postgres's binary form: no quoting on our side, no parsing
 * on the other. */
#pragma once

#include "common/buf.h"
#include "sink/limits.h"

#include <stddef.h>
#include <stdint.h>

/* Of pg_type. */
enum {
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT8 = 701,
    OID_TIMESTAMPTZ = 1184,
    OID_JSONB = 3802,
};

typedef struct {
    buf_t items[COLUMNS_MAX];
    int count;
} arrays_t;

void arrays_reset(arrays_t *arrays); /* keeps the memory */
void arrays_clear(arrays_t *arrays);
/* A single value: the caller adds its bytes, in binary form. Valid until the next one is begun. */
buf_t *value_begin(arrays_t *arrays);
void value_add_text(arrays_t *arrays, const char *text, size_t size);
void value_add_float8(arrays_t *arrays, double value);
/* A new array of `size` elements, which the caller adds: exactly so many. Valid until the next one is
 * begun. */
buf_t *arrays_begin(arrays_t *arrays, uint32_t element_oid, int size);
void array_add_null(buf_t *array);
void array_add_bytes(buf_t *array, const char *bytes, int32_t size); /* text, bytea */
void array_add_jsonb(buf_t *array, const char *json, int32_t size);
void array_add_int4(buf_t *array, int32_t value);
void array_add_int8(buf_t *array, int64_t value); /* timestamptz too: µs since 2000 */
void array_add_float8(buf_t *array, double value);
