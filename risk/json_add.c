#include "risk/json_add.h"

#include <math.h>

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
}

void json_add_detector(buf_t *out, detector_id_t id, float value, const double *parameters) {
    buf_add_char(out, '"');
    buf_add_str(out, detectors[id].value_name);
    ADD(out, "\":");
    buf_add_double(out, round((double)value * 100) / 100);
    ADD(out, ",\"window_hours\":");
    buf_add_double(out, parameters[PARAMETER_WINDOW_HOURS]);
}
