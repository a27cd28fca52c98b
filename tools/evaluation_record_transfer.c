#include "tools/evaluation_records.h"

#include "common/timestamp.h"
#include "sink/json_slice.h"

#include <stdlib.h>

static bool number_of(const json_slice_t *slice, double *number) {
    char *end;
    if (slice->kind != JSON_NUMBER) return false;
    *number = strtod(slice->data, &end);
    return end == slice->data + slice->size;
}

static err_t *take(evaluation_t *evaluation, arena_t *arena, text_t line) {
    enum { TX_ID, TIMESTAMP, SCORE, REVISION, COUNT };
    static const json_name_t names[COUNT] = {{"tx_id", 5}, {"timestamp", 9}, {"score", 5}, {"revision", 8}};
    json_slice_t values[COUNT];
    text_t id;
    int64_t ms;
    double score, revision = 0;
    const char *error = json_slice(line.data, line.size, names, COUNT, values);
    if (error) return err_new("it is no transaction-risk record: %s", error);
    if (values[TX_ID].kind != JSON_TEXT || !json_text(&values[TX_ID], arena, &id.data, &id.size))
        return err_new("it has no tx_id");
    if (values[TIMESTAMP].kind != JSON_TEXT ||
        !timestamp_parse(values[TIMESTAMP].data, values[TIMESTAMP].size, &ms))
        return err_new("it has no timestamp");
    if (!number_of(&values[SCORE], &score)) return err_new("its score is no number");
    if (values[REVISION].kind != JSON_ABSENT && !number_of(&values[REVISION], &revision))
        return err_new("its revision is no number");
    evaluation_add_transfer(evaluation, id, ms, score, (int64_t)revision);
    return NULL;
}

err_t *evaluation_record_transfer(evaluation_t *evaluation, text_t line) {
    arena_t arena = {0};
    err_t *err = take(evaluation, &arena, line);
    arena_clear(&arena);
    return err;
}
