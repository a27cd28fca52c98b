#include "tools/rules.h"

#include "common/kafka.h"
#include "risk/rules.h"
#include "tools/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const setting_t settings_table[] = {
    SETTING_KAFKA,
    SETTING_TOPIC_PREFIX,
    {"RULES", "", "file, or preset:<name>; empty: the built-in default"},
    {"PRESET", "", "the same as --rules preset:<name>"},
    {NULL, NULL, NULL},
};

/* The rules that the argument, or else a flag or the environment, names. */
static err_t *rules_named(const settings_t *settings, rules_t **out) {
    const char *file = settings_argument(settings, 1), *preset = settings_get(settings, "PRESET");
    char source[256];
    if (settings_argument_count(settings) > 2)
        return err_new_code(EXIT_USAGE, "one file at a time; \"%s\" is too many",
                            settings_argument(settings, 2));
    if (!file && *preset) {
        snprintf(source, sizeof source, "preset:%.200s", preset);
        file = source;
    }
    if (!file) file = settings_get(settings, "RULES");
    return rules_load(*file ? file : NULL, out);
}

static err_t *show(const settings_t *settings) {
    rules_t *rules;
    TRY(rules_named(settings, &rules));
    buf_t text = {0};
    rules_add_json(rules, true, &text);
    rules_free(rules);
    bool written = fwrite(text.data, 1, text.size, stdout) == text.size && fflush(stdout) == 0;
    buf_clear(&text);
    return written ? NULL : err_new("cannot write the rules: %s", strerror(errno));
}

static err_t *check(const settings_t *settings) {
    rules_t *rules;
    TRY(rules_named(settings, &rules));
    printf("the rules are sound; version %s\n", rules_version(rules));
    rules_free(rules);
    return NULL;
}

static err_t *presets(void) {
    for (const rules_preset_t *preset = rules_presets; preset->name; preset++) {
        char source[64];
        rules_t *rules;
        snprintf(source, sizeof source, "preset:%s", preset->name);
        TRY(rules_load(source, &rules));
        printf("%-10s %s  %s\n", preset->name, rules_version(rules), preset->summary);
        rules_free(rules);
    }
    return NULL;
}

/* Checked here already, so that the answer comes at once. */
static err_t *reload(const settings_t *settings) {
    const char *source = settings_argument(settings, 1);
    buf_t command = {0};
    char run_id[CONTROL_RUN_ID_SIZE];
    if (!source)
        return err_new_code(EXIT_USAGE,
                            "name the rules: amlstream rules reload FILE, preset:NAME, or - for those that "
                            "the processors were started with");
    rules_t *rules = NULL;
    if (strcmp(source, "-") != 0) TRY(rules_load(source, &rules));
    err_t *err = control_add_command(&command, "reload", rules ? source : NULL);
    if (!err) err = control_send(settings, "reload", &command, run_id);
    if (!err)
        printf("%s: rules %s are on their way\n", run_id, rules ? rules_version(rules) : "of the start");
    rules_free(rules);
    buf_clear(&command);
    return err;
}

static err_t *rules_run(settings_t *settings) {
    const char *action = settings_argument(settings, 0);
    if (action && !strcmp(action, "show")) return show(settings);
    if (action && !strcmp(action, "check")) return check(settings);
    if (action && !strcmp(action, "presets")) return presets();
    if (action && !strcmp(action, "reload")) return reload(settings);
    return err_new_code(EXIT_USAGE, "say what to do: amlstream rules show, check, presets or reload");
}

const command_t rules_command = {
    .name = "rules",
    .summary = "Shows and checks rules files and presets, and puts rules in force.",
    .arguments = "show|check|reload [FILE|preset:NAME] | presets",
    .details =
        "show prints all values in effect as a rules file, with the version that scores carry.\n"
        "check says whether a file is sound, or in which line it is not and what is allowed there.\n"
        "reload puts the rules in force in all processors while they run; scores of wallets change as\n"
        "they are next touched. With - those that the processors were started with are in force again.",
    .settings = settings_table,
    .run = rules_run,
};
