/* Log lines on stderr: JSON, one object a line; readable and coloured when stderr is a terminal.
 *
 *     log_info("task restored", LOG_INT("partition", p), LOG_INT("records", n), LOG_STR("from", path)); */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARN, LOG_LEVEL_ERROR } log_level_t;

typedef struct {
    const char *name;
    enum { LOG_FIELD_STR, LOG_FIELD_INT, LOG_FIELD_NUM } kind;
    const char *str;
    int64_t integer;
    double number;
} log_field_t;

#define LOG_STR(name_, value_) ((log_field_t){.name = (name_), .kind = LOG_FIELD_STR, .str = (value_)})
#define LOG_INT(name_, value_)                                                                               \
    ((log_field_t){.name = (name_), .kind = LOG_FIELD_INT, .integer = (int64_t)(value_)})
#define LOG_NUM(name_, value_) ((log_field_t){.name = (name_), .kind = LOG_FIELD_NUM, .number = (value_)})

/* `process` stands in every line (processor, sink, api …); must outlive the program. */
void log_init(const char *process, log_level_t least);
/* "debug", "info", "warn" or "error"; anything else is info. */
log_level_t log_level_of(const char *name);
/* Thread-safe; one write(2) a line. Fields end at the first without a name. */
void log_write(log_level_t level, const char *message, const log_field_t *fields);

#define LOG_AT(level_, message_, ...)                                                                        \
    log_write((level_), (message_), (log_field_t[]){__VA_ARGS__ __VA_OPT__(, ){.name = NULL}})
#define log_debug(message_, ...) LOG_AT(LOG_LEVEL_DEBUG, message_, __VA_ARGS__)
#define log_info(message_, ...)  LOG_AT(LOG_LEVEL_INFO, message_, __VA_ARGS__)
#define log_warn(message_, ...)  LOG_AT(LOG_LEVEL_WARN, message_, __VA_ARGS__)
#define log_error(message_, ...) LOG_AT(LOG_LEVEL_ERROR, message_, __VA_ARGS__)
