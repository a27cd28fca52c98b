#include "sink/arrays.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <string.h>

enum { JSONB_VERSION = 1 };

void arrays_reset(arrays_t *arrays) { arrays->count = 0; }

void arrays_clear(arrays_t *arrays) {
    for (int i = 0; i < COLUMNS_MAX; i++) buf_clear(&arrays->items[i]);
    arrays->count = 0;
}

static void add_int4(buf_t *buf, int32_t value) {
    uint32_t wire = htonl((uint32_t)value);
    buf_add(buf, &wire, sizeof wire);
}

buf_t *value_begin(arrays_t *arrays) {
    assert(arrays->count < COLUMNS_MAX);
    buf_t *value = &arrays->items[arrays->count++];
    buf_reset(value);
    return value;
}

void value_add_text(arrays_t *arrays, const char *text, size_t size) {
    buf_add(value_begin(arrays), text, size);
}

static uint64_t float8_wire(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return htobe64(bits);
}

void value_add_float8(arrays_t *arrays, double value) {
    uint64_t wire = float8_wire(value);
    buf_add(value_begin(arrays), &wire, sizeof wire);
}

buf_t *arrays_begin(arrays_t *arrays, uint32_t element_oid, int size) {
    buf_t *array = value_begin(arrays);
    add_int4(array, 1); /* dimensions */
    add_int4(array, 1); /* there may be nulls */
    add_int4(array, (int32_t)element_oid);
    add_int4(array, size);
    add_int4(array, 1); /* the first one's subscript */
    return array;
}

void array_add_null(buf_t *array) { add_int4(array, -1); }

void array_add_bytes(buf_t *array, const char *bytes, int32_t size) {
    add_int4(array, size);
    buf_add(array, bytes, (size_t)size);
}

void array_add_jsonb(buf_t *array, const char *json, int32_t size) {
    add_int4(array, size + 1);
    buf_add_char(array, JSONB_VERSION);
    buf_add(array, json, (size_t)size);
}

void array_add_int4(buf_t *array, int32_t value) {
    add_int4(array, sizeof value);
    add_int4(array, value);
}

void array_add_int8(buf_t *array, int64_t value) {
    uint64_t wire = htobe64((uint64_t)value);
    add_int4(array, sizeof wire);
    buf_add(array, &wire, sizeof wire);
}

void array_add_float8(buf_t *array, double value) {
    uint64_t wire = float8_wire(value);
    add_int4(array, sizeof wire);
    buf_add(array, &wire, sizeof wire);
}
