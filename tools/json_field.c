#include "tools/json_field.h"

static const char *skip_digits(const char *at, const char *end) {
    while (at < end && *at >= '0' && *at <= '9') at++;
    return at;
}

bool json_is_number(text_t text) {
    const char *at = text.data, *end = text.data + text.size, *start;
    if (at < end && *at == '-') at++;
    start = at;
    at = skip_digits(at, end);
    if (at == start || (*start == '0' && at > start + 1)) return false;
    if (at < end && *at == '.') {
        start = ++at;
        at = skip_digits(at, end);
        if (at == start) return false;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-')) at++;
        start = at;
        at = skip_digits(at, end);
        if (at == start) return false;
    }
    return at == end;
}

void buf_add_json_field(buf_t *buf, text_t text, bool may_be_number) {
    if (may_be_number && json_is_number(text))
        buf_add(buf, text.data, text.size);
    else
        buf_add_json_str(buf, text.data, text.size);
}

void buf_add_json_member(buf_t *buf, const char *name, text_t text, bool may_be_number) {
    if (!text.size) return;
    buf_printf(buf, "%s\"%s\":", buf->size ? "," : "{", name);
    buf_add_json_field(buf, text, may_be_number);
}
