#include "sink/write.h"

#include <assert.h>
#include <endian.h>
#include <stddef.h>
#include <string.h>

/* SQL in pieces keeps its own lines. */
/* clang-format off */
static const statement_t statement_positions_init = {
    "positions_init",
    "INSERT INTO sink_offsets (topic, partition, next_offset)"
    " SELECT topic, partition, 0 FROM unnest($1::text[], $2::int4[]) AS p(topic, partition)"
    " ON CONFLICT (topic, partition) DO NOTHING"};

/* In the order asked for. */
static const statement_t statement_positions = {
    "positions",
    "SELECT next_offset FROM unnest($1::text[], $2::int4[]) WITH ORDINALITY AS p(topic, partition, place)"
    " JOIN sink_offsets USING (topic, partition) ORDER BY place"};

/* Waits for whoever has the row, and then looks again whether it is where we believe. */
static const statement_t statement_advance = {
    "advance",
    "UPDATE sink_offsets o SET next_offset = m.next"
    " FROM unnest($1::text[], $2::int4[], $3::int8[], $4::int8[]) AS m(topic, partition, expected, next)"
    " WHERE o.topic = m.topic AND o.partition = m.partition AND o.next_offset = m.expected RETURNING 1"};
/* clang-format on */

static int64_t int8_at(const PGresult *result, int row, int column) {
    uint64_t wire;
    assert(PQgetlength(result, row, column) == sizeof wire);
    memcpy(&wire, PQgetvalue(result, row, column), sizeof wire);
    return (int64_t)be64toh(wire);
}

static void positions_arrays(arrays_t *arrays, const names_t *names, const position_t *positions, int count) {
    arrays_reset(arrays);
    buf_t *array = arrays_begin(arrays, OID_TEXT, count);
    for (int i = 0; i < count; i++) topic_add(array, names, positions[i].input);
    array = arrays_begin(arrays, OID_INT4, count);
    for (int i = 0; i < count; i++) array_add_int4(array, positions[i].partition);
}

err_t *positions_load(postgres_t *postgres, const names_t *names, position_t *positions, int count) {
    arrays_t arrays = {0};
    PGresult *result = NULL;
    positions_arrays(&arrays, names, positions, count);
    err_t *err = postgres_write(postgres, &statement_positions_init, &arrays, NULL);
    if (!err) err = postgres_write(postgres, &statement_positions, &arrays, &result);
    arrays_clear(&arrays);
    if (err) return err;
    if (PQntuples(result) == count) {
        for (int i = 0; i < count; i++) positions[i].offset = int8_at(result, i, 0);
    } else {
        err = err_new_code(EXIT_UNAVAILABLE, "sink_offsets lost rows while it was read");
    }
    PQclear(result);
    return err;
}

err_t *offsets_advance(write_t *write, bool *accepted) {
    PGresult *result;
    segments_arrays(write);
    segments_int8s(write, offsetof(segment_t, expected));
    segments_int8s(write, offsetof(segment_t, next));
    TRY(postgres_write(write->postgres, &statement_advance, write->arrays, &result));
    *accepted = PQntuples(result) == write->batch->segment_count;
    PQclear(result);
    return NULL;
}
