#include "common/settings.h"

#include "common/buf.h"
#include "common/log.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

#define PREFIX       "AMLSTREAM_"
#define KAFKA_PREFIX "KAFKA_"

enum { FILE_LINE_SIZE_MAX = 64 * 1024, SUGGEST_NAME_SIZE_MAX = 63, SUGGEST_DISTANCE_MAX = 3 };

static const setting_t common_settings[] = {
    {"CONFIG", NULL, "file with settings, one NAME=value a line"},
    {"LOG_LEVEL", "info", "least level that is logged: debug, info, warn or error"},
    {NULL, NULL, NULL},
};

static const command_t *const *registered_commands;

/* Where a value came from; a later one wins. */
typedef enum { FROM_NOTHING, FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_FLAG } source_t;

typedef struct {
    const setting_t *setting;
    char *value;
    source_t source;
} entry_t;

typedef struct {
    char *name; /* as librdkafka has it */
    char *value;
    source_t source;
} property_t;

struct settings {
    const command_t *command;
    entry_t *entries;
    int entry_count;
    property_t *properties;
    int property_count;
    char **arguments;
    int argument_count;
};

static void *must(void *memory) {
    if (!memory) abort();
    return memory;
}

static bool has_prefix(const char *text, const char *prefix) {
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL, which other programs use too. */
static bool is_bare(const char *name) {
    return has_prefix(name, KAFKA_PREFIX) || strcmp(name, "DATABASE_URL") == 0;
}

static bool is_switch(const setting_t *setting) {
    return setting->default_value && strcmp(setting->default_value, "false") == 0;
}

void settings_register(const command_t *const *commands) { registered_commands = commands; }

/* Names */

/* COMMIT_INTERVAL_MS → --commit-interval-ms */
static char *flag_of_name(const char *name) {
    buf_t flag = {0};
    buf_add_str(&flag, "--");
    for (; *name; name++) buf_add_char(&flag, *name == '_' ? '-' : (char)tolower((unsigned char)*name));
    buf_cstr(&flag);
    return flag.data;
}

/* commit-interval-ms → COMMIT_INTERVAL_MS */
static char *name_of_flag(const char *flag, size_t size) {
    char *name = must(strndup(flag, size));
    for (char *c = name; *c; c++) *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    return name;
}

static int min(int a, int b) { return a < b ? a : b; }

/* Edits (Levenshtein) that lead from one name to the other. */
static int edit_distance(const char *a, const char *b) {
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > SUGGEST_NAME_SIZE_MAX || b_size > SUGGEST_NAME_SIZE_MAX) return SUGGEST_NAME_SIZE_MAX;
    int row[SUGGEST_NAME_SIZE_MAX + 1];
    for (size_t j = 0; j <= b_size; j++) row[j] = (int)j;
    for (size_t i = 1; i <= a_size; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_size; j++) {
            int change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = min(change, min(row[j] + 1, row[j - 1] + 1));
        }
    }
    return row[b_size];
}

const char *settings_nearest(const char *name, const char *const *known) {
    const char *nearest = NULL;
    int least = SUGGEST_DISTANCE_MAX + 1;
    for (; *known; known++) {
        int distance = edit_distance(name, *known);
        bool begins = strlen(name) >= 3 && has_prefix(*known, name);
        if (begins) distance = min(distance, SUGGEST_DISTANCE_MAX);
        if (distance < least && distance < (int)strlen(name)) {
            least = distance;
            nearest = *known;
        }
    }
    return nearest;
}

static const char *nearest_name(const settings_t *settings, const char *name) {
    const char **known = must(calloc((size_t)settings->entry_count + 1, sizeof *known));
    for (int i = 0; i < settings->entry_count; i++) known[i] = settings->entries[i].setting->name;
    const char *nearest = settings_nearest(name, known);
    free(known);
    return nearest;
}

static entry_t *entry_find(const settings_t *settings, const char *name) {
    for (int i = 0; i < settings->entry_count; i++) {
        if (strcmp(settings->entries[i].setting->name, name) == 0) return &settings->entries[i];
    }
    return NULL;
}

static bool table_has(const setting_t *table, const char *name) {
    for (; table->name; table++) {
        if (strcmp(table->name, name) == 0) return true;
    }
    return false;
}

static bool other_command_has(const char *name) {
    for (const command_t *const *command = registered_commands; command && *command; command++) {
        if ((*command)->settings && table_has((*command)->settings, name)) return true;
    }
    return false;
}

/* Values */

static void entry_set(entry_t *entry, const char *value, source_t source) {
    if (source < entry->source) return;
    free(entry->value);
    entry->value = must(strdup(value));
    entry->source = source;
}

/* `name` is KAFKA_<PROPERTY>. */
static void property_set(settings_t *settings, const char *name, const char *value, source_t source) {
    char *property = must(strdup(name + strlen(KAFKA_PREFIX)));
    for (char *c = property; *c; c++) *c = *c == '_' ? '.' : (char)tolower((unsigned char)*c);
    for (int i = 0; i < settings->property_count; i++) {
        property_t *known = &settings->properties[i];
        if (strcmp(known->name, property) != 0) continue;
        free(property);
        if (source < known->source) return;
        free(known->value);
        known->value = must(strdup(value));
        known->source = source;
        return;
    }
    size_t size = ((size_t)settings->property_count + 1) * sizeof *settings->properties;
    settings->properties = must(realloc(settings->properties, size));
    settings->properties[settings->property_count++] =
        (property_t){.name = property, .value = must(strdup(value)), .source = source};
}

/* False where the name is none of the command's settings nor a property of Kafka. */
static bool value_set(settings_t *settings, const char *name, const char *value, source_t source) {
    entry_t *entry = entry_find(settings, name);
    if (entry) {
        entry_set(entry, value, source);
        return true;
    }
    bool kafka = has_prefix(name, KAFKA_PREFIX) && name[strlen(KAFKA_PREFIX)];
    if (kafka && strcmp(name, "KAFKA_BOOTSTRAP_SERVERS") != 0) property_set(settings, name, value, source);
    return kafka;
}

static void add_table(settings_t *settings, const setting_t *table) {
    for (; table && table->name; table++) {
        size_t size = ((size_t)settings->entry_count + 1) * sizeof *settings->entries;
        settings->entries = must(realloc(settings->entries, size));
        entry_t *entry = &settings->entries[settings->entry_count++];
        *entry = (entry_t){.setting = table};
        if (table->default_value) entry_set(entry, table->default_value, FROM_DEFAULT);
    }
}

/* Help */

static void print_setting(const setting_t *setting) {
    char *flag = flag_of_name(setting->name);
    printf("  %s%s\n", flag, is_switch(setting) ? "" : " VALUE");
    printf("      %s\n", setting->help);
    printf("      %s%s", is_bare(setting->name) ? "" : PREFIX, setting->name);
    if (setting->default_value && *setting->default_value) printf("; default: %s", setting->default_value);
    printf("\n");
    free(flag);
}

static void print_help(const settings_t *settings) {
    const command_t *command = settings->command;
    printf("%s\n\nUsage: amlstream %s [flags]%s%s\n", command->summary, command->name,
           command->arguments ? " " : "", command->arguments ? command->arguments : "");
    if (command->details) printf("\n%s\n", command->details);
    printf("\nSettings, as a flag or by the name below it in the environment; a flag wins over the "
           "environment,\n"
           "the environment over the file of --config, the file over the default:\n\n");
    bool kafka = false;
    for (int i = 0; i < settings->entry_count; i++) {
        print_setting(settings->entries[i].setting);
        kafka = kafka || strcmp(settings->entries[i].setting->name, "KAFKA_BOOTSTRAP_SERVERS") == 0;
    }
    if (kafka) {
        printf(
            "  --kafka-PROPERTY VALUE\n      any librdkafka property, dots as dashes: --kafka-linger-ms 20\n"
            "      " PREFIX "KAFKA_<PROPERTY>, dots as underscores: " PREFIX "KAFKA_LINGER_MS\n");
    }
    printf("  --help\n      prints this\n");
}

/* Sources */

static err_t *read_line(settings_t *settings, const char *path, int number, char *line) {
    for (char *c = line; *c; c++) {
        if (*c == '#' && (c == line || isspace((unsigned char)c[-1]))) *c = '\0';
    }
    line += strspn(line, " \t\r\n");
    size_t size = strlen(line);
    while (size && isspace((unsigned char)line[size - 1])) line[--size] = '\0';
    if (!size) return NULL;
    if (has_prefix(line, "export ")) line += strlen("export ");
    char *equals = strchr(line, '=');
    if (!equals) return err_new_code(EXIT_USAGE, "%s, line %d: \"%s\" is not NAME=value", path, number, line);
    char *value = equals + 1 + strspn(equals + 1, " \t");
    while (equals > line && isspace((unsigned char)equals[-1])) equals--;
    *equals = '\0';
    size = strlen(value);
    if (size >= 2 && (*value == '"' || *value == '\'') && value[size - 1] == *value) {
        value[size - 1] = '\0';
        value++;
    }
    const char *name = has_prefix(line, PREFIX) ? line + strlen(PREFIX) : line;
    if (value_set(settings, name, value, FROM_FILE) || other_command_has(name)) return NULL;
    const char *nearest = nearest_name(settings, name);
    return err_new_code(EXIT_USAGE, "%s, line %d: there is no setting %s%s%s%s", path, number, name,
                        nearest ? "; did you mean " : "; amlstream <command> --help lists them",
                        nearest ? nearest : "", nearest ? "?" : "");
}

static err_t *read_file(settings_t *settings, const char *path) {
    FILE *file = fopen(path, "re");
    if (!file)
        return err_new_code(EXIT_USAGE, "cannot open the settings file \"%s\": %s", path, strerror(errno));
    char *line = must(malloc(FILE_LINE_SIZE_MAX));
    err_t *err = NULL;
    for (int number = 1; !err && fgets(line, FILE_LINE_SIZE_MAX, file); number++) {
        err = read_line(settings, path, number, line);
    }
    if (!err && ferror(file)) {
        err = err_new_code(EXIT_USAGE, "cannot read the settings file \"%s\": %s", path, strerror(errno));
    }
    free(line);
    fclose(file);
    return err;
}

static void read_environment(settings_t *settings) {
    /* First the names without the prefix, so that those with it win. */
    for (int i = 0; i < settings->entry_count; i++) {
        const char *name = settings->entries[i].setting->name;
        const char *value = is_bare(name) ? getenv(name) : NULL;
        if (value) entry_set(&settings->entries[i], value, FROM_ENVIRONMENT);
    }
    for (char **variable = environ; *variable; variable++) {
        const char *equals = strchr(*variable, '=');
        if (!equals || !has_prefix(*variable, PREFIX)) continue;
        const char *start = *variable + strlen(PREFIX);
        if (equals <= start) continue;
        char *name = must(strndup(start, (size_t)(equals - start)));
        if (!value_set(settings, name, equals + 1, FROM_ENVIRONMENT) && !other_command_has(name)) {
            const char *nearest = nearest_name(settings, name);
            if (nearest) {
                log_warn("an environment variable looks like a setting, but is none",
                         LOG_STR("variable", name), LOG_STR("did_you_mean", nearest));
            }
        }
        free(name);
    }
}

static err_t *unknown_flag(const settings_t *settings, const char *flag, const char *name) {
    const char *command = settings->command->name;
    const char *nearest = nearest_name(settings, name);
    if (!nearest) {
        return err_new_code(EXIT_USAGE, "there is no flag %s; amlstream %s --help lists them", flag, command);
    }
    char *suggestion = flag_of_name(nearest);
    err_t *err =
        err_new_code(EXIT_USAGE, "there is no flag %s; did you mean %s? amlstream %s --help lists all", flag,
                     suggestion, command);
    free(suggestion);
    return err;
}

/* Takes one flag, and the argument after it where that is its value. */
static err_t *read_flag(settings_t *settings, int argc, char **argv, int *at) {
    const char *flag = argv[*at];
    if (!has_prefix(flag, "--")) return unknown_flag(settings, flag, flag);
    const char *equals = strchr(flag, '=');
    size_t size = equals ? (size_t)(equals - flag) : strlen(flag);
    char *name = name_of_flag(flag + 2, size - 2);
    entry_t *entry = entry_find(settings, name);
    bool kafka = has_prefix(name, KAFKA_PREFIX) && name[strlen(KAFKA_PREFIX)];
    const char *value = equals ? equals + 1 : NULL;
    err_t *err = NULL;
    if (!entry && !kafka) {
        err = unknown_flag(settings, flag, name);
    } else if (!value && entry && is_switch(entry->setting)) {
        value = "true";
    } else if (!value) {
        if (*at + 1 < argc)
            value = argv[++*at];
        else
            err = err_new_code(EXIT_USAGE, "%s needs a value: %s VALUE", flag, flag);
    }
    if (!err) value_set(settings, name, value, FROM_FLAG);
    free(name);
    return err;
}

static err_t *read_arguments(settings_t *settings, int argc, char **argv) {
    settings->arguments = must(calloc((size_t)argc + 1, sizeof *settings->arguments));
    bool flags_ended = false;
    for (int i = 0; i < argc; i++) {
        if (!flags_ended && strcmp(argv[i], "--") == 0) {
            flags_ended = true;
        } else if (!flags_ended && argv[i][0] == '-' && argv[i][1]) {
            TRY(read_flag(settings, argc, argv, &i));
        } else {
            settings->arguments[settings->argument_count++] = must(strdup(argv[i]));
        }
    }
    if (settings->argument_count && !settings->command->arguments) {
        return err_new_code(EXIT_USAGE,
                            "unexpected argument \"%s\"; amlstream %s takes flags only, see --help",
                            settings->arguments[0], settings->command->name);
    }
    return NULL;
}

static err_t *read_sources(settings_t *settings, int argc, char **argv) {
    TRY(read_arguments(settings, argc, argv));
    read_environment(settings);
    const char *path = settings_get(settings, "CONFIG");
    if (path && *path) TRY(read_file(settings, path));
    const char *level = settings_get(settings, "LOG_LEVEL");
    if (strcmp(level, "info") != 0 && log_level_of(level) == LOG_LEVEL_INFO) {
        return err_new_code(EXIT_USAGE, "LOG_LEVEL is \"%s\"; allowed are debug, info, warn and error",
                            level);
    }
    return NULL;
}

err_t *settings_new(const command_t *command, int argc, char **argv, settings_t **out) {
    settings_t *settings = must(calloc(1, sizeof *settings));
    settings->command = command;
    add_table(settings, command->settings);
    add_table(settings, common_settings);
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help(settings);
            settings_free(settings);
            exit(EXIT_OK);
        }
    }
    err_t *err = read_sources(settings, argc, argv);
    if (err)
        settings_free(settings);
    else
        *out = settings;
    return err;
}

void settings_free(settings_t *settings) {
    if (!settings) return;
    for (int i = 0; i < settings->entry_count; i++) free(settings->entries[i].value);
    for (int i = 0; i < settings->property_count; i++) {
        free(settings->properties[i].name);
        free(settings->properties[i].value);
    }
    for (int i = 0; i < settings->argument_count; i++) free(settings->arguments[i]);
    free(settings->entries);
    free(settings->properties);
    free(settings->arguments);
    free(settings);
}

/* Reading */

static const entry_t *entry_of(const settings_t *settings, const char *name) {
    const entry_t *entry = entry_find(settings, name);
    if (!entry) {
        log_error("a setting is read that the command does not declare", LOG_STR("setting", name));
        abort();
    }
    return entry;
}

const char *settings_get(const settings_t *settings, const char *name) {
    return entry_of(settings, name)->value;
}

bool settings_is_on(const settings_t *settings, const char *name) {
    static const char *const ons[] = {"1", "true", "yes", "on"};
    const char *value = settings_get(settings, name);
    for (size_t i = 0; value && i < sizeof ons / sizeof *ons; i++) {
        if (strcasecmp(value, ons[i]) == 0) return true;
    }
    return false;
}

err_t *settings_int(const settings_t *settings, const char *name, int64_t least, int64_t most, int64_t *out) {
    const char *value = settings_get(settings, name);
    char *end;
    errno = 0;
    long long number = value ? strtoll(value, &end, 10) : 0;
    if (!value || !*value || *end || errno || number < least || number > most) {
        return err_new_code(EXIT_USAGE, "%s is \"%s\"; it must be a whole number from %lld to %lld", name,
                            value ? value : "", (long long)least, (long long)most);
    }
    *out = number;
    return NULL;
}

err_t *settings_number(const settings_t *settings, const char *name, double least, double most, double *out) {
    const char *value = settings_get(settings, name);
    char *end;
    double number = value ? strtod(value, &end) : 0;
    if (!value || !*value || *end || !isfinite(number) || number < least || number > most) {
        return err_new_code(EXIT_USAGE, "%s is \"%s\"; it must be a number from %g to %g", name,
                            value ? value : "", least, most);
    }
    *out = number;
    return NULL;
}

bool settings_kafka_property(const settings_t *settings, int index, const char **name, const char **value) {
    if (index >= settings->property_count) return false;
    *name = settings->properties[index].name;
    *value = settings->properties[index].value;
    return true;
}

int settings_argument_count(const settings_t *settings) { return settings->argument_count; }

const char *settings_argument(const settings_t *settings, int index) {
    return index < settings->argument_count ? settings->arguments[index] : NULL;
}
