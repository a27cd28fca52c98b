#include "risk/label.h"

#include "common/timestamp.h"
#include "risk/text.h"

#include <jansson.h>
#include <string.h>

/* Optional: absent and null are "". */
static const char *read_text(const json_t *object, const char *key, size_t size_max, const char *why,
                             text_t *out) {
    const json_t *json = json_object_get(object, key);
    *out = (text_t){"", 0};
    if (!json || json_is_null(json)) return NULL;
    if (!json_is_string(json) || json_string_length(json) > size_max) return why;
    *out = (text_t){json_string_value(json), json_string_length(json)};
    return NULL;
}

/* "date" or "as_of"; a list is as of the day it was made. */
static const char *read_date(const json_t *object, int64_t *ms) {
    const json_t *json = json_object_get(object, "date");
    if (!json || json_is_null(json)) json = json_object_get(object, "as_of");
    *ms = LABEL_NO_DATE;
    if (!json || json_is_null(json)) return NULL;
    bool read = json_is_number(json) ? timestamp_of_number(json_number_value(json), ms)
                                     : json_is_string(json) && timestamp_parse(json_string_value(json),
                                                                               json_string_length(json), ms);
    return read ? NULL : "label: \"date\" must be ISO 8601, Unix seconds or Unix milliseconds";
}

/* The spelling that is no normal form: of the address that the label names, where it is this wallet's, else
 * of the wallet. */
static text_t read_address(const json_t *object, text_t wallet) {
    char room[ADDRESS_SIZE], normal[ADDRESS_SIZE];
    const json_t *json = json_object_get(object, "address");
    text_t address =
        json_is_string(json) ? (text_t){json_string_value(json), json_string_length(json)} : wallet;
    if (!text_equal(text_normal_wallet(address, room), text_normal_wallet(wallet, normal))) address = wallet;
    return address_normalise(address.data, address.size, room) ? address : (text_t){"", 0};
}

static const char *read_label(text_t wallet, const json_t *json, buf_t *out) {
    const char *reason;
    text_t category, source, note;
    if (!json_is_object(json)) return "label is not a JSON object";
    reason = read_text(json, "category", WALLET_SIZE_MAX, "label: \"category\" must be a string", &category);
    if (reason) return reason;
    if (!category.size) return "label: no \"category\"";
    label_t label = {.version = LABEL_VERSION, .confidence = 1};
    label.category = (uint8_t)category_of_name(category);
    if (label.category == CATEGORY_COUNT)
        return "label: \"category\" must be one of sanctioned, mixer, darknet, scam, theft, ransomware, "
               "exchange, service";
    reason = read_text(json, "source", LABEL_SOURCE_SIZE_MAX,
                       "label: \"source\" must be a string of at most 256 bytes", &source);
    if (reason) return reason;
    reason = read_text(json, "note", LABEL_NOTE_SIZE_MAX,
                       "label: \"note\" must be a string of at most 1024 bytes", &note);
    if (reason) return reason;
    const json_t *confidence = json_object_get(json, "confidence");
    if (confidence && !json_is_null(confidence)) {
        label.confidence = json_number_value(confidence);
        if (!json_is_number(confidence) || !(label.confidence >= 0 && label.confidence <= 1))
            return "label: \"confidence\" must be a number from 0 to 1";
    }
    if ((reason = read_date(json, &label.date_ms))) return reason;
    text_t address = read_address(json, wallet);
    label.source_size = (uint16_t)source.size;
    label.note_size = (uint16_t)note.size;
    label.address_size = (uint16_t)address.size;
    buf_add(out, &label, sizeof label);
    buf_add(out, source.data, source.size);
    buf_add(out, note.data, note.size);
    buf_add(out, address.data, address.size);
    return NULL;
}

const char *label_parse(text_t wallet, const char *json, size_t size, buf_t *out) {
    if (size == 0) return "label is empty; a label is withdrawn by null";
    if (size > LABEL_JSON_SIZE_MAX) return "label has more than 65536 bytes";
    json_t *root = json_loadb(json, size, 0, NULL);
    if (!root) return "label is not JSON";
    const char *reason = read_label(wallet, root, out);
    json_decref(root);
    return reason;
}

text_t label_source(const label_t *label) { return (text_t){(const char *)(label + 1), label->source_size}; }

text_t label_note(const label_t *label) {
    return (text_t){(const char *)(label + 1) + label->source_size, label->note_size};
}

text_t label_address(const label_t *label) {
    return (text_t){(const char *)(label + 1) + label->source_size + label->note_size, label->address_size};
}
