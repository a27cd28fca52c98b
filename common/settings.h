/* Settings: each has one name, used in the environment, in a file and as a flag.
 *
 *     AMLSTREAM_COMMIT_INTERVAL_MS=200        environment
 *     COMMIT_INTERVAL_MS=200                  file given by --config or AMLSTREAM_CONFIG; # starts a comment
 *     --commit-interval-ms 200                flag, also --commit-interval-ms=200
 *
 * Flags win over the environment, the environment over the file, the file over the default.
 * KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL have no prefix. Any AMLSTREAM_KAFKA_<PROPERTY> is a librdkafka
 * property (dots as underscores). */
#pragma once

#include "common/err.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *name;          /* as in the environment, without AMLSTREAM_: "COMMIT_INTERVAL_MS" */
    const char *default_value; /* NULL: none */
    const char *help;          /* one line; says the unit */
} setting_t;

typedef struct settings settings_t;

/* A subcommand of amlstream. Its settings are its own and the common ones (see settings.c: CONFIG,
 * LOG_LEVEL). */
typedef struct {
    const char *name;
    const char *summary;       /* one line for `amlstream --help` */
    const char *arguments;     /* positional ones, for the usage line; NULL: none */
    const char *details;       /* more for `--help`, NULL: none */
    const setting_t *settings; /* ends with a NULL name; shared groups below can be pasted in */
    err_t *(*run)(settings_t *settings);
} command_t;

/* Rows for the tables of the commands. */
#define SETTING_KAFKA                                                                                        \
    { "KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092", "Kafka brokers, host:port, comma separated" }
#define SETTING_DATABASE                                                                                     \
    { "DATABASE_URL", "postgresql://127.0.0.1:5432/amlstream", "Postgres connection URL" }
#define SETTING_GROUP                                                                                        \
    { "GROUP", "amlstream", "application id: consumer group and prefix of transactional ids" }
#define SETTING_HTTP(address_)                                                                               \
    { "HTTP_LISTEN", address_, "address:port for health, metrics and queries; empty: none" }

/* Every command of the program (ends with NULL), so that a file shared by several may hold the settings of
 * all of them, and only what none of them knows is an error. Call before settings_new. */
void settings_register(const command_t *const *commands);

/* A setting whose default is "false" is a switch: its flag takes no value (`--json`, or `--json=false`).
 * On --help prints and exits. Errors are of EXIT_USAGE and name the setting, the value and what is
 * allowed. */
err_t *settings_new(const command_t *command, int argc, char **argv, settings_t **out);
void settings_free(settings_t *settings);

/* The value, or NULL where there is neither a value nor a default. Owned by `settings`. Unknown names
 * abort. */
const char *settings_get(const settings_t *settings, const char *name);
/* True for a flag without a value ("--json"), or 1, true, yes, on. */
bool settings_is_on(const settings_t *settings, const char *name);
/* "all", "none", … checked by the caller; numbers are checked here, range inclusive. */
err_t *settings_int(const settings_t *settings, const char *name, int64_t least, int64_t most, int64_t *out);
err_t *settings_number(const settings_t *settings, const char *name, double least, double most, double *out);
/* The librdkafka properties that were set, dots in place of underscores: index from 0; false past the
 * last. */
bool settings_kafka_property(const settings_t *settings, int index, const char **name, const char **value);
/* The name nearest to a misspelt one, or NULL where none is near; `known` ends with NULL. */
const char *settings_nearest(const char *name, const char *const *known);
int settings_argument_count(const settings_t *settings);
const char *settings_argument(const settings_t *settings, int index); /* positional */
