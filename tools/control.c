#include "tools/control.h"

#include "common/timestamp.h"
#include "risk/limits.h"
#include "tools/producer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define PRESET_PREFIX "preset:"

static err_t *add_file(buf_t *out, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return err_new_code(EXIT_USAGE, "cannot open \"%s\": %s", path, strerror(errno));
    out->size += fread(buf_reserve(out, RULES_SIZE_MAX), 1, RULES_SIZE_MAX, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    return failed ? err_new("cannot read \"%s\"", path) : NULL;
}

err_t *control_add_command(buf_t *out, const char *name, const char *rules) {
    size_t prefix = strlen(PRESET_PREFIX);
    buf_printf(out, "{\"command\": \"%s\"", name);
    if (rules && strncmp(rules, PRESET_PREFIX, prefix) == 0) {
        buf_add_str(out, ", \"rules\": {\"preset\": ");
        buf_add_json_str(out, rules + prefix, strlen(rules) - prefix);
        buf_add_char(out, '}');
    } else if (rules) {
        buf_add_str(out, ", \"rules\": ");
        TRY(add_file(out, rules));
    }
    buf_add_char(out, '}');
    return NULL;
}

static err_t *run_id_make(const char *prefix, char run_id[CONTROL_RUN_ID_SIZE]) {
    uint32_t random;
    time_t now = (time_t)(clock_now_ms() / 1000);
    struct tm utc;
    char when[32];
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return err_new("no random numbers: %s", strerror(errno));
    gmtime_r(&now, &utc);
    strftime(when, sizeof when, "%Y%m%dT%H%M%S", &utc);
    snprintf(run_id, CONTROL_RUN_ID_SIZE, "%s-%s-%08x", prefix, when, random);
    return NULL;
}

err_t *control_send(const settings_t *settings, const char *prefix, const buf_t *command,
                    char run_id[CONTROL_RUN_ID_SIZE]) {
    static const topic_t topics[] = {TOPIC_CONTROL, TOPIC_COUNT};
    producer_t *producer;
    bool sent = false;
    TRY(run_id_make(prefix, run_id));
    TRY(producer_new(settings, topics, &producer));
    err_t *err =
        producer_send(producer, TOPIC_CONTROL, run_id, strlen(run_id), command->data, command->size, &sent);
    if (!err) err = producer_flush(producer);
    producer_free(producer);
    return err ? err : sent ? NULL : err_new("stopped before the command was sent");
}
