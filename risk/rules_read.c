#include "risk/rules_read.h"

#include "common/settings.h"
#include "risk/json_line.h"
#include "risk/rules_table.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE_MAX = 512 };

/* In objects of the section: what is said of all that may stand there. */
static const char each[] = "*";

/* Where we are: in the table, and in the file, which says "*" for many. */
typedef struct {
    const char *path[RULE_DEPTH_MAX + 1];
    const char *said[RULE_DEPTH_MAX + 1];
    int depth;
} place_t;

typedef struct {
    const rules_source_t *source;
    rules_t *rules;
    rule_table_t table;
} reader_t;

static place_t place_inside(const place_t *outer, const char *key, const char *said) {
    place_t place = *outer;
    if (place.depth > RULE_DEPTH_MAX) return place;
    place.path[place.depth] = key;
    place.said[place.depth++] = said;
    return place;
}

static int line_of(const rules_source_t *source, const place_t *place) {
    const char *path[RULE_DEPTH_MAX + 2];
    int depth = 0;
    if (source->member) path[depth++] = source->member;
    for (int i = 0; i < place->depth; i++) path[depth++] = place->said[i];
    return json_line(source->text, source->size, path, depth);
}

static err_t *place_error(const reader_t *reader, const place_t *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static err_t *place_error(const reader_t *reader, const place_t *place, const char *format, ...) {
    char message[512], path[PATH_SIZE_MAX] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    for (int i = 0, used = 0; i < place->depth && used < PATH_SIZE_MAX; i++)
        used += snprintf(path + used, sizeof path - (size_t)used, "%s%.80s", i ? "." : "", place->said[i]);
    return err_new_code(EXIT_USAGE, "%s: line %d: %s%s%s", reader->source->name,
                        line_of(reader->source, place), path, place->depth ? ": " : "", message);
}

static bool begins_with(const rule_t *rule, const place_t *place) {
    if (rule->depth < place->depth) return false;
    for (int i = 0; i < place->depth; i++)
        if (strcmp(rule->path[i], place->path[i]) != 0) return false;
    return true;
}

/* The first row at or below this place, NULL where there is none. */
static const rule_t *find(const reader_t *reader, const place_t *place) {
    for (int i = 0; i < reader->table.count; i++)
        if (begins_with(&reader->table.items[i], place)) return &reader->table.items[i];
    return NULL;
}

/* The keys that may stand in the object at this place, each once; the caller frees the list. */
static const char **known_keys(const reader_t *reader, const place_t *place) {
    const char **known = calloc((size_t)reader->table.count + 1, sizeof *known);
    if (!known) abort();
    int count = 0;
    for (int i = 0; i < reader->table.count; i++) {
        const rule_t *rule = &reader->table.items[i];
        if (!begins_with(rule, place) || rule->depth == place->depth) continue;
        const char *key = rule->path[place->depth];
        if (!count || strcmp(known[count - 1], key) != 0) known[count++] = key;
    }
    return known;
}

static err_t *unknown_key(const reader_t *reader, const place_t *place) {
    place_t outer = *place;
    outer.depth--;
    const char **known = known_keys(reader, &outer),
               *nearest = settings_nearest(place->said[outer.depth], known);
    err_t *err = nearest ? place_error(reader, place, "unknown key; did you mean \"%s\"?", nearest)
                         : place_error(reader, place, "unknown key; the first known one here is \"%s\"",
                                       known[0] ? known[0] : "");
    free(known);
    return err;
}

static double not_negative_zero(double value) { return value == 0 ? 0 : value; }

static err_t *read_number(const reader_t *reader, const place_t *place, const rule_t *rule,
                          const json_t *json) {
    if (!json_is_number(json))
        return place_error(reader, place, "must be a number from %g to %g", rule->least, rule->most);
    double value = json_number_value(json);
    if (!(value >= rule->least && value <= rule->most))
        return place_error(reader, place, "%g is not from %g to %g", value, rule->least, rule->most);
    *(double *)rule->value = not_negative_zero(value);
    return NULL;
}

static err_t *read_whole(const reader_t *reader, const place_t *place, const rule_t *rule,
                         const json_t *json) {
    double value = json_number_value(json);
    if (!json_is_integer(json) || value < rule->least || value > rule->most)
        return place_error(reader, place, "must be a whole number from %g to %g", rule->least, rule->most);
    *(int *)rule->value = (int)value;
    return NULL;
}

static err_t *read_switch(const reader_t *reader, const place_t *place, const rule_t *rule,
                          const json_t *json) {
    if (!json_is_boolean(json)) return place_error(reader, place, "must be true or false");
    *(bool *)rule->value = json_is_true(json);
    return NULL;
}

static err_t *read_choice(const reader_t *reader, const place_t *place, const rule_t *rule,
                          const json_t *json) {
    char allowed[256] = "";
    for (int i = 0, used = 0; rule->choices[i]; i++) {
        if (json_is_string(json) && !strcmp(json_string_value(json), rule->choices[i])) {
            *(int *)rule->value = i;
            return NULL;
        }
        if (used < (int)sizeof allowed)
            used += snprintf(allowed + used, sizeof allowed - (size_t)used, "%s\"%s\"", i ? ", " : "",
                             rule->choices[i]);
    }
    return place_error(reader, place, "must be one of %s", allowed);
}

static err_t *read_list(const reader_t *reader, const place_t *place, const rule_t *rule,
                        const json_t *json) {
    size_t count = json_array_size(json);
    if (!json_is_array(json) || count < 1 || count > (size_t)rule->count_max)
        return place_error(reader, place, "must be a list of up to %d numbers", rule->count_max);
    double *values = rule->value;
    memset(values, 0, (size_t)rule->count_max * sizeof *values);
    *rule->count = (int)count;
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(json, i);
        double value = json_number_value(item);
        if (!json_is_number(item) || !(value >= rule->least && value <= rule->most))
            return place_error(reader, place, "number %zu must be from %g to %g", i + 1, rule->least,
                               rule->most);
        values[i] = not_negative_zero(value);
    }
    return NULL;
}

static err_t *read_value(const reader_t *reader, const place_t *place, const rule_t *rule,
                         const json_t *json) {
    switch (rule->type) {
    case RULE_NUMBER: return read_number(reader, place, rule, json);
    case RULE_WHOLE: return read_whole(reader, place, rule, json);
    case RULE_SWITCH: return read_switch(reader, place, rule, json);
    case RULE_CHOICE: return read_choice(reader, place, rule, json);
    case RULE_LIST: return read_list(reader, place, rule, json);
    }
    return NULL;
}

static asset_rules_t *asset_add(rules_t *rules, const char *name) {
    for (int i = 0; i < rules->asset_count; i++)
        if (strcmp(rules->assets[i].name, name) == 0) return &rules->assets[i];
    if (rules->asset_count == RULES_ASSETS_MAX) return NULL;
    rules->assets = realloc(rules->assets, (size_t)(rules->asset_count + 1) * sizeof *rules->assets);
    if (!rules->assets) abort();
    asset_rules_t *asset = &rules->assets[rules->asset_count++];
    *asset = (asset_rules_t){0};
    strcpy(asset->name, name);
    for (int id = 0; id < DETECTOR_COUNT; id++)
        for (int p = 0; p < DETECTOR_PARAMETERS_MAX; p++) asset->own[id][p] = NAN;
    return asset;
}

static err_t *read_asset(const reader_t *reader, const place_t *place, int id, const json_t *json) {
    const char *name = place->said[place->depth - 1], *key;
    json_t *value;
    if (!json_is_object(json)) return place_error(reader, place, "must be an object");
    if (!*name || strlen(name) > RULES_ASSET_SIZE_MAX)
        return place_error(reader, place, "an asset's name has 1 to %d bytes", RULES_ASSET_SIZE_MAX);
    asset_rules_t *asset = asset_add(reader->rules, name);
    if (!asset) return place_error(reader, place, "more than %d assets", RULES_ASSETS_MAX);
    json_object_foreach((json_t *)(uintptr_t)json, key, value) {
        place_t inside = place_inside(place, key, key);
        const detector_parameter_t *parameters = detectors[id].parameters;
        int p = 0;
        while (p < DETECTOR_PARAMETERS_MAX && parameters[p].key && strcmp(parameters[p].key, key) != 0) p++;
        if (p == DETECTOR_PARAMETERS_MAX || !parameters[p].key || p <= PARAMETER_WINDOW_HOURS)
            return place_error(reader, &inside, "must be a threshold of the detector %s", detectors[id].name);
        rule_t rule = {.least = parameters[p].least, .most = parameters[p].most, .value = &asset->own[id][p]};
        TRY(read_number(reader, &inside, &rule, value));
    }
    return NULL;
}

static err_t *read_per_asset(const reader_t *reader, const place_t *place, const json_t *json) {
    const char *key;
    json_t *value;
    int id = 0;
    while (strcmp(detectors[id].name, place->path[1]) != 0) id++;
    if (!json_is_object(json))
        return place_error(reader, place, "must be an object: assets and their thresholds");
    json_object_foreach((json_t *)(uintptr_t)json, key, value) {
        place_t inside = place_inside(place, key, key);
        TRY(read_asset(reader, &inside, id, value));
    }
    return NULL;
}

static bool is_section_of_many(const place_t *place) {
    return place->depth == 1 &&
           (!strcmp(place->path[0], "detectors") || !strcmp(place->path[0], "categories"));
}

static bool is_per_asset(const place_t *place) {
    return place->depth == 3 && !strcmp(place->path[0], "detectors") && !strcmp(place->path[2], "per_asset");
}

/* At the root: chosen before anything is read, and what `rules show` adds for people. */
static bool is_told_elsewhere(const place_t *place) {
    return place->depth == 1 && (!strcmp(place->path[0], "preset") || !strcmp(place->path[0], "version"));
}

static err_t *read_object(const reader_t *reader, const place_t *place, const json_t *json);

static err_t *read_each(const reader_t *reader, const place_t *place, const json_t *json) {
    const char **known = known_keys(reader, place);
    err_t *err = NULL;
    for (int i = 0; known[i] && !err; i++) {
        place_t inside = place_inside(place, known[i], each);
        err = read_object(reader, &inside, json);
    }
    free(known);
    return err;
}

static err_t *read_member(const reader_t *reader, const place_t *place, const json_t *json) {
    if (is_told_elsewhere(place)) return NULL;
    if (is_per_asset(place)) return read_per_asset(reader, place, json);
    const rule_t *rule = find(reader, place);
    if (!rule) return unknown_key(reader, place);
    return rule->depth == place->depth ? read_value(reader, place, rule, json)
                                       : read_object(reader, place, json);
}

static err_t *read_object(const reader_t *reader, const place_t *place, const json_t *json) {
    const char *key;
    json_t *value;
    if (!json_is_object(json))
        return place_error(reader, place, place->depth ? "must be an object" : "must be a JSON object");
    const json_t *of_each = is_section_of_many(place) ? json_object_get(json, each) : NULL;
    if (of_each) TRY(read_each(reader, place, of_each));
    json_object_foreach((json_t *)(uintptr_t)json, key, value) {
        if (value == of_each) continue;
        place_t inside = place_inside(place, key, key);
        TRY(read_member(reader, &inside, value));
    }
    return NULL;
}

static err_t *check_hop_weights(const reader_t *reader) {
    static const place_t place = {.said = {"exposure", "hop_weights"}, .depth = 2};
    const rules_t *rules = reader->rules;
    if (rules->hop_weight_count <= rules->max_hops)
        return place_error(reader, &place,
                           "must be a list of %d to %d numbers: one for the labelled wallet itself, "
                           "one for each hop up to max_hops",
                           rules->max_hops + 1, HOPS_MAX + 1);
    for (int i = 1; i < rules->hop_weight_count; i++)
        if (rules->hop_weights[i] > rules->hop_weights[i - 1])
            return place_error(reader, &place, "number %d must not be greater than the one before it", i + 1);
    return NULL;
}

static err_t *check_levels(const reader_t *reader) {
    const rules_t *rules = reader->rules;
    for (int i = LEVEL_HIGH; i < LEVEL_COUNT; i++) {
        place_t place = {.said = {"levels", level_names[i]}, .depth = 2};
        if (rules->levels[i] < rules->levels[i - 1])
            return place_error(reader, &place, "%g is below %s, which begins at %g", rules->levels[i],
                               level_names[i - 1], rules->levels[i - 1]);
    }
    return NULL;
}

err_t *rules_read(const rules_source_t *source, const json_t *json, rules_t *rules) {
    reader_t reader = {.source = source, .rules = rules};
    const place_t root = {.depth = 0};
    rule_table_init(&reader.table, rules);
    err_t *err = read_object(&reader, &root, json);
    rule_table_clear(&reader.table);
    if (!err) err = check_hop_weights(&reader);
    return err ? err : check_levels(&reader);
}

err_t *rules_source_json(const rules_source_t *source, json_t **out) {
    json_error_t error;
    if (source->size > RULES_SIZE_MAX)
        return err_new_code(EXIT_USAGE, "%s has more than %d bytes", source->name, RULES_SIZE_MAX);
    *out = json_loadb(source->text, source->size, JSON_REJECT_DUPLICATES, &error);
    if (*out) return NULL;
    return err_new_code(EXIT_USAGE, "%s: line %d, column %d: %s", source->name, error.line, error.column,
                        error.text);
}
