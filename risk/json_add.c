#include "risk/json_add.h"

#include "common/timestamp.h"

#include <math.h>

/* Some top bit is set where one of the eight bytes is a quote, a backslash or below a space (Mycroft's test
 * for a zero). */
static inline uint64_t odd_bytes(uint64_t bytes) {
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    uint64_t quote = bytes ^ ones * '"', backslash = bytes ^ ones * '\\';
    return (((bytes - ones * ' ') & ~bytes) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) &
           tops;
}

static inline uint64_t eight_bytes(const char *at) {
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

static bool is_plain(text_t text) {
    enum { EIGHT = sizeof(uint64_t) };
    if (text.size < EIGHT) {
        char bytes[EIGHT] = "        ";
        memcpy(bytes, text.data, text.size);
        return !odd_bytes(eight_bytes(bytes));
    }
    uint64_t odd = odd_bytes(eight_bytes(text.data + text.size - EIGHT));
    for (size_t at = 0; at + EIGHT < text.size; at += EIGHT) odd |= odd_bytes(eight_bytes(text.data + at));
    return !odd;
}

/* Names are nearly always plain; then this takes one copy. */
void json_add_text(buf_t *out, text_t text) {
    if (!is_plain(text)) {
        buf_add_json_str(out, text.data, text.size);
        return;
    }
    char *at = buf_reserve(out, text.size + 2);
    at[0] = '"';
    memcpy(at + 1, text.data, text.size);
    at[1 + text.size] = '"';
    out->size += text.size + 2;
}

void json_add_hundredths(buf_t *out, int hundredths) {
    buf_add_int(out, hundredths / 100);
    int rest = hundredths % 100;
    if (!rest) return;
    char text[3] = {'.', (char)('0' + rest / 10), (char)('0' + rest % 10)};
    buf_add(out, text, rest % 10 ? 3 : 2);
}

void json_add_exposure(buf_t *out, const exposure_t *exposure) {
    ADD(out, "\"category\":\"");
    buf_add_str(out, category_infos[exposure->category].name);
    ADD(out, "\",\"hops\":");
    buf_add_int(out, exposure->hops);
    if (exposure->label.size) {
        ADD(out, ",\"label\":");
        json_add_text(out, exposure->label);
    }
    if (exposure->via.size) {
        ADD(out, ",\"via\":");
        json_add_text(out, exposure->via);
    }
    if (exposure->confidence < CONFIDENCE_FULL) {
        ADD(out, ",\"confidence\":");
        buf_add_double(out, (double)exposure->confidence / CONFIDENCE_FULL);
    }
}

void json_add_directed(buf_t *out, direction_t direction, const exposure_t *exposure) {
    ADD(out, "\"direction\":\"");
    buf_add_str(out, direction_names[direction]);
    ADD(out, "\",");
    json_add_exposure(out, exposure);
}

void json_add_detector(buf_t *out, detector_id_t id, float value, const double *parameters) {
    json_add_char(out, '"');
    buf_add_str(out, detectors[id].value_name);
    ADD(out, "\":");
    buf_add_double(out, round((double)value * 100) / 100);
    ADD(out, ",\"window_hours\":");
    buf_add_double(out, parameters[PARAMETER_WINDOW_HOURS]);
}

void json_add_texts(buf_t *out, const text_t *texts, int count) {
    json_add_char(out, '[');
    for (int i = 0; i < count; i++) {
        if (i) json_add_char(out, ',');
        json_add_text(out, texts[i]);
    }
    json_add_char(out, ']');
}

void json_add_label(buf_t *out, const label_t *label) {
    ADD(out, "{\"category\":\"");
    buf_add_str(out, category_infos[label->category].name);
    ADD(out, "\",\"source\":");
    json_add_text(out, label_source(label));
    ADD(out, ",\"confidence\":");
    buf_add_double(out, label->confidence);
    ADD(out, ",\"note\":");
    json_add_text(out, label_note(label));
    if (label->date_ms != LABEL_NO_DATE) {
        ADD(out, ",\"date\":");
        buf_add_timestamp(out, label->date_ms);
    }
    if (label->address_size) {
        ADD(out, ",\"address\":");
        json_add_text(out, label_address(label));
    }
    json_add_char(out, '}');
}
