#include "common/log.h"

#include "common/buf.h"
#include "common/timestamp.h"
#include "common/utf8.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[] = {"debug", "info", "warn", "error"};
static const char *const level_colours[] = {"\033[2m", "\033[32m", "\033[33m", "\033[31m"};

static const char *log_process = "amlstream";
static atomic_int log_least = LOG_LEVEL_INFO;
static atomic_bool log_readable;
static atomic_bool log_coloured;

void log_init(const char *process, log_level_t least) {
    log_process = process;
    log_least = (int)least;
    log_readable = isatty(STDERR_FILENO) == 1;
    const char *no_colour = getenv("NO_COLOR");
    log_coloured = log_readable && !(no_colour && *no_colour);
}

log_level_t log_level_of(const char *name) {
    for (log_level_t level = LOG_LEVEL_DEBUG; name && level <= LOG_LEVEL_ERROR; level++) {
        if (strcmp(name, level_names[level]) == 0) return level;
    }
    return LOG_LEVEL_INFO;
}

/* A log line may quote anything that came in, so what is not UTF-8 shows as `?`. */
static void add_text(buf_t *line, const char *text) {
    buf_t clean = {0};
    const char *at = text ? text : "", *end = at + strlen(at);
    while (at < end) {
        size_t size = utf8_character_size(at, (size_t)(end - at));
        if (size)
            buf_add(&clean, at, size);
        else
            buf_add_char(&clean, '?');
        at += size ? size : 1;
    }
    buf_add_json_str(line, clean.data ? clean.data : "", clean.size);
    buf_clear(&clean);
}

static void add_value(buf_t *line, const log_field_t *field) {
    switch (field->kind) {
    case LOG_FIELD_STR: add_text(line, field->str); break;
    case LOG_FIELD_INT: buf_add_int(line, field->integer); break;
    case LOG_FIELD_NUM:
        if (isfinite(field->number))
            buf_add_double(line, field->number);
        else
            buf_add_str(line, "null");
        break;
    }
}

static void add_json(buf_t *line, log_level_t level, const char *message, const log_field_t *fields) {
    buf_add_str(line, "{\"time\":");
    buf_add_timestamp(line, clock_now_ms());
    buf_printf(line, ",\"level\":\"%s\",\"process\":\"%s\",\"message\":", level_names[level], log_process);
    add_text(line, message);
    for (; fields->name; fields++) {
        buf_printf(line, ",\"%s\":", fields->name);
        add_value(line, fields);
    }
    buf_add_str(line, "}\n");
}

static void add_readable(buf_t *line, log_level_t level, const char *message, const log_field_t *fields) {
    char time[TIMESTAMP_SIZE_MAX];
    timestamp_format(clock_now_ms(), time);
    const char *dim = log_coloured ? "\033[2m" : "", *end = log_coloured ? "\033[0m" : "";
    buf_printf(line, "%s%.12s%s %s%-5s%s %s: %s", dim, time + 11, end,
               log_coloured ? level_colours[level] : "", level_names[level], end, log_process, message);
    for (; fields->name; fields++) {
        buf_printf(line, "  %s%s=%s", dim, fields->name, end);
        add_value(line, fields);
    }
    buf_add_char(line, '\n');
}

void log_write(log_level_t level, const char *message, const log_field_t *fields) {
    if ((int)level < log_least) return;
    buf_t line = {0};
    if (log_readable)
        add_readable(&line, level, message, fields);
    else
        add_json(&line, level, message, fields);
    ssize_t written = write(STDERR_FILENO, line.data, line.size);
    (void)written;
    buf_clear(&line);
}
