#include "risk/json_line.h"

#include <stdbool.h>
#include <string.h>

static const char *skip_space(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
    return at;
}

static const char *skip_string(const char *at, const char *end) {
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\') at++;
    return at < end ? at + 1 : end;
}

/* Up to the comma or bracket that ends the value. */
static const char *skip_value(const char *at, const char *end) {
    for (int depth = 0; at < end;) {
        if (*at == '"') {
            at = skip_string(at, end);
            continue;
        }
        if (depth == 0 && (*at == ',' || *at == '}' || *at == ']')) return at;
        if (*at == '{' || *at == '[') depth++;
        if (*at == '}' || *at == ']') depth--;
        at++;
    }
    return end;
}

/* The key in the object that begins here, and its value; false where it has none of this name. */
static bool find(const char *at, const char *end, const char *name, const char **key, const char **value) {
    size_t size = strlen(name);
    if (at >= end || *at != '{') return false;
    for (at = skip_space(at + 1, end); at < end && *at == '"'; at = skip_space(at + 1, end)) {
        const char *first = at + 1;
        *key = at;
        at = skip_string(at, end);
        bool same = (size_t)(at - 1 - first) == size && !memcmp(first, name, size);
        at = skip_space(at, end);
        if (at < end) at = skip_space(at + 1, end);
        *value = at;
        if (same) return true;
        at = skip_value(at, end);
        if (at >= end || *at != ',') return false;
    }
    return false;
}

int json_line(const char *text, size_t size, const char *const *path, int depth) {
    const char *end = text + size, *value = skip_space(text, end), *place = value, *key;
    for (int i = 0; i < depth && find(value, end, path[i], &key, &value); i++) place = key;
    int line = 1;
    for (const char *at = text; at < place; at++) line += *at == '\n';
    return line;
}
