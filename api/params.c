#include "api/params.h"

#include "api/limits.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const title = "Invalid parameter";

/* A value as a problem quotes it: cut between characters. */
static const char *shown(const char *value, char out[SHOWN_SIZE_MAX + 4]) {
    size_t size = strlen(value);
    if (size <= SHOWN_SIZE_MAX) return memcpy(out, value, size + 1);
    for (size = SHOWN_SIZE_MAX; ((unsigned char)value[size] & 0xc0) == 0x80;) size--;
    memcpy(out, value, size);
    strcpy(out + size, "…");
    return out;
}

static bool refuse(http_response_t *response, const char *name, const char *value, const char *allowed) {
    char quoted[SHOWN_SIZE_MAX + 4];
    http_problem(response, 400, title, name, "%s is \"%s\"; it must be %s", name, shown(value, quoted),
                 allowed);
    return false;
}

static void list_join(const char *const *names, char *out, size_t size) {
    size_t at = 0;
    for (int i = 0; names[i] && at < size; i++) {
        at += (size_t)snprintf(out + at, size - at, "%s%s", i ? ", " : "", names[i]);
    }
}

static bool is_one_of(const char *const *names, const char *name) {
    for (; *names; names++) {
        if (strcmp(*names, name) == 0) return true;
    }
    return false;
}

bool params_check(const http_request_t *request, http_response_t *response, const char *const *known) {
    const char *name;
    for (int i = 0; (name = http_request_query_name(request, i)); i++) {
        char quoted[SHOWN_SIZE_MAX + 4], list[512] = "none";
        if (!is_one_of(known, name)) {
            list_join(known, list, sizeof list);
            shown(name, quoted);
            http_problem(response, 400, title, quoted, "\"%s\" is no parameter of this path; it takes %s",
                         quoted, list);
            return false;
        }
        for (int j = 0; j < i; j++) {
            if (strcmp(http_request_query_name(request, j), name) != 0) continue;
            http_problem(response, 400, title, name, "%s was given more than once", name);
            return false;
        }
    }
    return true;
}

bool param_int(const http_request_t *request, http_response_t *response, const char *name, int64_t least,
               int64_t most, int64_t absent, int64_t *out) {
    const char *value = http_request_query(request, name);
    *out = absent;
    if (!value) return true;
    char *end, allowed[80];
    errno = 0;
    long long number = strtoll(value, &end, 10);
    bool is_digits = value[strspn(value, "-0123456789")] == '\0' && *value && !*end;
    if (is_digits && !errno && number >= least && number <= most) {
        *out = number;
        return true;
    }
    snprintf(allowed, sizeof allowed, "a whole number from %lld to %lld", (long long)least, (long long)most);
    return refuse(response, name, value, allowed);
}

bool param_number(const http_request_t *request, http_response_t *response, const char *name, double least,
                  double most, bool *given, double *out) {
    const char *value = http_request_query(request, name);
    *given = value != NULL;
    *out = 0;
    if (!value) return true;
    char *end, allowed[80];
    double number = strtod(value, &end);
    bool is_digits = value[strspn(value, "-+.eE0123456789")] == '\0' && *value && !*end;
    if (is_digits && isfinite(number) && number >= least && number <= most) {
        *out = number;
        return true;
    }
    snprintf(allowed, sizeof allowed, "a number from %g to %g", least, most);
    return refuse(response, name, value, allowed);
}

bool param_choice(const http_request_t *request, http_response_t *response, const char *name,
                  const char *const *allowed, const char **out) {
    const char *value = http_request_query(request, name);
    *out = value;
    if (!value || is_one_of(allowed, value)) return true;
    char list[512] = "";
    list_join(allowed, list, sizeof list);
    char text[560];
    snprintf(text, sizeof text, "one of %s", list);
    return refuse(response, name, value, text);
}

static bool text_check(http_response_t *response, const char *name, const char *value) {
    if (*value && strlen(value) <= TEXT_SIZE_MAX) return true;
    char allowed[48];
    snprintf(allowed, sizeof allowed, "1 to %d bytes long", TEXT_SIZE_MAX);
    return refuse(response, name, value, allowed);
}

bool param_text(const http_request_t *request, http_response_t *response, const char *name,
                const char **out) {
    *out = http_request_query(request, name);
    return !*out || text_check(response, name, *out);
}

bool param_path(const http_request_t *request, http_response_t *response, const char *name,
                const char **out) {
    *out = http_request_path_value(request, name);
    return text_check(response, name, *out);
}

const char *wallet_normal(const char *wallet, char room[ADDRESS_SIZE + 1]) {
    if (!wallet || !address_normalise(wallet, strlen(wallet), room)) return wallet;
    room[ADDRESS_SIZE] = '\0';
    return room;
}
