#include "tools/rules.h"

#include "risk/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const setting_t settings_table[] = {
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

static err_t *rules_run(settings_t *settings) {
    const char *action = settings_argument(settings, 0);
    if (action && !strcmp(action, "show")) return show(settings);
    if (action && !strcmp(action, "check")) return check(settings);
    if (action && !strcmp(action, "presets")) return presets();
    return err_new_code(EXIT_USAGE, "say what to do: amlstream rules show, check or presets");
}

const command_t rules_command = {
    .name = "rules",
    .summary = "Shows and checks rules files and presets.",
    .arguments = "show|check [FILE|preset:NAME] | presets",
    .details = "show prints all values in effect as a rules file, with the version that scores carry.\n"
               "check says whether a file is sound, or in which line it is not and what is allowed there.",
    .settings = settings_table,
    .run = rules_run,
};
