#include "common/http_url.h"

#include "common/utf8.h"

#include <assert.h>
#include <string.h>

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

const char *http_url_decode(char *text, bool plus_is_space) {
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '%') {
            int high = hex_digit(from[1]), low = high < 0 ? -1 : hex_digit(from[2]);
            if (low < 0) return "a % must be followed by two hexadecimal digits";
            if (high == 0 && low == 0) return "%00 is not allowed";
            *to++ = (char)(high * 16 + low);
            from += 2;
        } else {
            *to++ = plus_is_space && *from == '+' ? ' ' : *from;
        }
    }
    *to = '\0';
    return utf8_is_well_formed(text, (size_t)(to - text)) ? NULL : "it must be UTF-8";
}

const char *http_query_parse(char *query, http_pair_t pairs[HTTP_QUERY_PARAMETERS_MAX], int *count) {
    *count = 0;
    for (char *rest = query; rest;) {
        char *part = strsep(&rest, "&");
        if (!*part) continue;
        if (*count == HTTP_QUERY_PARAMETERS_MAX) return "there are more than 64 parameters";
        char *name = strsep(&part, "=");
        char *value = part ? part : name + strlen(name);
        const char *reason = http_url_decode(name, true);
        if (!reason) reason = http_url_decode(value, true);
        if (reason) return reason;
        pairs[(*count)++] = (http_pair_t){.name = name, .value = value};
    }
    return NULL;
}

bool http_path_matches(const char *pattern, const char *path) {
    while (*pattern && *path) {
        if (*pattern != '{') {
            if (*pattern++ != *path++) return false;
            continue;
        }
        size_t size = strcspn(path, "/");
        if (size == 0) return false;
        pattern = strchr(pattern, '}') + 1;
        path += size;
    }
    return *pattern == *path;
}

const char *http_path_values(const char *pattern, char *path, http_pair_t values[HTTP_PATH_VALUES_MAX],
                             int *count) {
    *count = 0;
    while (*pattern && *path) {
        if (*pattern != '{') {
            pattern++;
            path++;
            continue;
        }
        assert(*count < HTTP_PATH_VALUES_MAX);
        size_t size = strcspn(path, "/");
        bool is_last = path[size] == '\0';
        values[*count] = (http_pair_t){.name = pattern + 1, .value = path};
        path[size] = '\0';
        const char *reason = http_url_decode(path, false);
        if (reason) return reason;
        (*count)++;
        pattern = strchr(pattern, '}') + 1;
        /* The slash after the value became its end, so it is passed in both. */
        path += size + (is_last ? 0 : 1);
        pattern += is_last ? 0 : 1;
        if (is_last) break;
    }
    return NULL;
}

bool http_path_name_is(const char *in_pattern, const char *name) {
    size_t size = strlen(name);
    return strncmp(in_pattern, name, size) == 0 && in_pattern[size] == '}';
}
