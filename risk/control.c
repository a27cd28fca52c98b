/* Commands of the topic risk-control, and the rules in force, which are part of each task's state.
 *
 * A command comes to one task, which checks it and hands it to every task, itself included. Of reloads the
 * latest wins, by the time of its record and then by its run id, in whatever order they arrive; so all tasks
 * come to the same rules.
 *
 * Layout of 'R': reload_t, then the run id, then the rules' JSON. */
#include "risk/model.h"
#include "risk/text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { RELOAD_VERSION = 1 };

typedef struct {
    uint8_t version;
    uint8_t has_rules; /* 0: back to those that the process was started with */
    uint16_t run_id_size;
    char replaced[RULES_VERSION_SIZE]; /* what the process was started with: when that changes, it wins */
    int64_t at_ms;
} reload_t;

static const char reload_key[] = {KEY_RULES};

static const char *reason(risk_t *risk, const char *text) {
    buf_reset(&risk->reason);
    buf_add_str(&risk->reason, text);
    return buf_cstr(&risk->reason);
}

static const char *error_reason(risk_t *risk, err_t *err) {
    const char *text = reason(risk, err_message(err));
    err_free(err);
    return text;
}

/* Puts the stored reload's rules, or those of the start, in force. */
static const char *rules_choose(risk_t *risk, const reload_t *reload, size_t size) {
    rules_t *rules = NULL;
    if (reload && reload->has_rules) {
        const char *text = (const char *)(reload + 1) + reload->run_id_size;
        err_t *err = rules_parse("rules", text, size - sizeof *reload - reload->run_id_size, &rules);
        if (err) return error_reason(risk, err);
    }
    rules_free(risk->reloaded);
    risk->reloaded = rules;
    risk->rules = rules ? rules : risk->start_rules;
    return NULL;
}

static bool reload_is_of_these(const risk_t *risk, const reload_t *reload) {
    return !memcmp(reload->replaced, rules_version(risk->start_rules), RULES_VERSION_SIZE);
}

void risk_restored(risk_t *risk) {
    size_t size = 0;
    const reload_t *reload = store_get(risk->store, reload_key, sizeof reload_key, &size);
    fade_load(risk);
    if (!reload) return;
    /* What this version cannot read, as it has other keys, gives way to what it was started with. */
    if (reload_is_of_these(risk, reload) && !rules_choose(risk, reload, size)) return;
    store_remove(risk->store, reload_key, sizeof reload_key);
    rules_choose(risk, NULL, 0);
}

void rules_aborted(risk_t *risk) {
    size_t size = 0;
    const reload_t *reload = store_get(risk->store, reload_key, sizeof reload_key, &size);
    if (reload && !reload_is_of_these(risk, reload)) reload = NULL;
    rules_choose(risk, reload, size);
}

static bool is_later(const command_event_t *command, const reload_t *than) {
    if (command->at_ms != than->at_ms) return command->at_ms > than->at_ms;
    return text_compare(command->run_id, (text_t){(const char *)(than + 1), than->run_id_size}) > 0;
}

const char *reload_apply(risk_t *risk, const command_event_t *command) {
    size_t size = 0;
    const reload_t *before = store_get(risk->store, reload_key, sizeof reload_key, &size);
    if (before && !is_later(command, before)) return NULL;
    size = sizeof(reload_t) + command->run_id.size + command->rules.size;
    reload_t after = {.version = RELOAD_VERSION,
                      .has_rules = command->rules.size > 0,
                      .run_id_size = (uint16_t)command->run_id.size,
                      .at_ms = command->at_ms};
    memcpy(after.replaced, rules_version(risk->start_rules), sizeof after.replaced);
    buf_reset(&risk->value);
    buf_add(&risk->value, &after, sizeof after);
    buf_add(&risk->value, command->run_id.data, command->run_id.size);
    buf_add(&risk->value, command->rules.data, command->rules.size);
    exposures_follow_rules(risk); /* what there is was made by the rules before */
    const char *why = rules_choose(risk, (const reload_t *)(const void *)risk->value.data, size);
    if (why) return why;
    memcpy(store_edit(risk->store, reload_key, sizeof reload_key, size), risk->value.data, size);
    return NULL;
}

/* Commands */

static const char *const command_keys[] = {"command", "rules", "note", NULL};

static const char *check_keys(risk_t *risk, const json_t *command) {
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)command, key, value) {
        int i = 0;
        while (command_keys[i] && strcmp(command_keys[i], key) != 0) i++;
        if (command_keys[i]) continue;
        buf_reset(&risk->reason);
        buf_printf(&risk->reason, "unknown key \"%.80s\"; a command has command, rules and note", key);
        return buf_cstr(&risk->reason);
    }
    return NULL;
}

/* The rules that the command brings, compact; nothing where it brings none. */
static const char *take_rules(risk_t *risk, const json_t *command, const char *value, size_t size) {
    const json_t *json = json_object_get(command, "rules");
    buf_reset(&risk->value);
    if (!json || json_is_null(json)) return NULL;
    rules_t *rules;
    err_t *err = rules_parse_member("rules", value, size, &rules);
    if (err) return error_reason(risk, err);
    rules_free(rules);
    char *text = json_dumps(json, JSON_COMPACT);
    if (!text) abort();
    buf_add_str(&risk->value, text);
    free(text);
    return NULL;
}

static const char *reload_command(risk_t *risk, const command_event_t *command) {
    buf_reset(&risk->event);
    event_add_command(&risk->event, EVENT_RELOAD, command);
    risk->out.broadcast(risk->out.context, risk->event.data, risk->event.size);
    return NULL;
}

/* Every task is to use the same rules, so they go along also where the command names none. */
static const char *rescore_command(risk_t *risk, const command_event_t *command) {
    command_event_t complete = *command;
    if (!command->rules.size) {
        buf_reset(&risk->value);
        rules_add_json(risk->rules, false, &risk->value);
        complete.rules = (text_t){risk->value.data, risk->value.size};
    }
    buf_reset(&risk->event);
    event_add_command(&risk->event, EVENT_RESCORE, &complete);
    risk->out.broadcast(risk->out.context, risk->event.data, risk->event.size);
    return NULL;
}

static const char *command_apply(risk_t *risk, text_t run_id, const json_t *json, const char *value,
                                 size_t size, int64_t at_ms) {
    const char *name = json_string_value(json_object_get(json, "command"));
    const char *why = check_keys(risk, json);
    if (!why) why = take_rules(risk, json, value, size);
    if (why) return why;
    command_event_t command = {run_id, {risk->value.data, risk->value.size}, at_ms};
    if (name && !strcmp(name, "reload")) return reload_command(risk, &command);
    if (name && !strcmp(name, "rescore")) return rescore_command(risk, &command);
    return "command must be \"reload\" or \"rescore\"";
}

const char *risk_command(risk_t *risk, const char *run_id, size_t run_id_size, const char *value, size_t size,
                         int64_t record_ms) {
    text_t id = {run_id, run_id_size};
    json_error_t error;
    if (!run_id || !text_is_id(id)) return "a command's key must be its run id, 1 to 256 bytes of UTF-8";
    if (!value) return "a command must be a JSON object";
    if (size > RULES_SIZE_MAX) return "a command must not be larger than 256 KiB";
    json_t *json = json_loadb(value, size, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        buf_reset(&risk->reason);
        buf_printf(&risk->reason, "line %d, column %d: %s", error.line, error.column, error.text);
        return buf_cstr(&risk->reason);
    }
    const char *why = json_is_object(json) ? command_apply(risk, id, json, value, size, record_ms)
                                           : "a command must be a JSON object";
    json_decref(json);
    return why;
}
