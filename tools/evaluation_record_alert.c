#include "tools/evaluation_records.h"

#include "common/timestamp.h"

#include <jansson.h>
#include <stdlib.h>

static text_t text_of(const json_t *value) {
    return json_is_string(value) ? (text_t){json_string_value(value), json_string_length(value)}
                                 : (text_t){"", 0};
}

static err_t *add_alert(evaluation_t *evaluation, const json_t *alert) {
    text_t typology = text_of(json_object_get(alert, "typology"));
    text_t created = text_of(json_object_get(alert, "created_at"));
    const json_t *list = json_object_get(alert, "tx_ids");
    int64_t ms;
    if (!typology.size || !json_is_array(list) || !timestamp_parse(created.data, created.size, &ms))
        return err_new("it is no alert: typology, created_at and tx_ids are needed");
    size_t count = json_array_size(list);
    text_t *tx_ids = calloc(count + 1, sizeof *tx_ids);
    if (!tx_ids) abort();
    for (size_t i = 0; i < count; i++) tx_ids[i] = text_of(json_array_get(list, i));
    err_t *err = evaluation_add_alert(evaluation, typology, ms, tx_ids, count);
    free(tx_ids);
    return err;
}

err_t *evaluation_record_alert(evaluation_t *evaluation, text_t line) {
    json_error_t error;
    json_t *alert = json_loadb(line.data, line.size, 0, &error);
    if (!alert) return err_new("it is not JSON: %s", error.text);
    err_t *err = add_alert(evaluation, alert);
    json_decref(alert);
    return err;
}
