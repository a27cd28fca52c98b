/* Rules as JSON: what is in effect, in one fixed form. */
#include "risk/rules_table.h"

#include <string.h>

enum { INLINE_DEPTH = 2 }; /* objects so deep stand in one line */

typedef struct {
    buf_t *out;
    bool pretty;
    const char *open[RULE_DEPTH_MAX]; /* the objects that are open */
    int depth;
    bool first; /* in the innermost of them */
} writer_t;

static void add_break(writer_t *writer, int depth) {
    if (!writer->pretty) return;
    if (depth > INLINE_DEPTH) {
        if (!writer->first) buf_add_char(writer->out, ' ');
        return;
    }
    buf_add_char(writer->out, '\n');
    for (int i = 0; i < depth; i++) buf_add_str(writer->out, "  ");
}

static void add_key(writer_t *writer, const char *key) {
    if (!writer->first) buf_add_char(writer->out, ',');
    add_break(writer, writer->depth + 1);
    buf_add_json_str(writer->out, key, strlen(key));
    buf_add_str(writer->out, writer->pretty ? ": " : ":");
    writer->first = false;
}

static void object_open(writer_t *writer, const char *key) {
    add_key(writer, key);
    buf_add_char(writer->out, '{');
    writer->open[writer->depth++] = key;
    writer->first = true;
}

static void object_close(writer_t *writer) {
    writer->first = true;
    if (writer->depth < INLINE_DEPTH) add_break(writer, writer->depth);
    buf_add_char(writer->out, '}');
    writer->depth--;
    writer->first = false;
}

static void add_list(const rule_t *rule, bool pretty, buf_t *out) {
    const double *values = rule->value;
    buf_add_char(out, '[');
    for (int i = 0; i < *rule->count; i++) {
        if (i) buf_add_str(out, pretty ? ", " : ",");
        buf_add_double(out, values[i]);
    }
    buf_add_char(out, ']');
}

static void add_value(writer_t *writer, const rule_t *rule) {
    buf_t *out = writer->out;
    switch (rule->type) {
    case RULE_NUMBER: buf_add_double(out, *(const double *)rule->value); break;
    case RULE_WHOLE: buf_add_int(out, *(const int *)rule->value); break;
    case RULE_SWITCH: buf_add_str(out, *(const bool *)rule->value ? "true" : "false"); break;
    case RULE_CHOICE: {
        const char *choice = rule->choices[*(const int *)rule->value];
        buf_add_json_str(out, choice, strlen(choice));
        break;
    }
    case RULE_LIST: add_list(rule, writer->pretty, out); break;
    }
}

static void add_rule(writer_t *writer, const rule_t *rule) {
    int shared = 0;
    while (shared < writer->depth && shared < rule->depth - 1 &&
           !strcmp(writer->open[shared], rule->path[shared]))
        shared++;
    while (writer->depth > shared) object_close(writer);
    while (writer->depth < rule->depth - 1) object_open(writer, rule->path[writer->depth]);
    add_key(writer, rule->path[rule->depth - 1]);
    add_value(writer, rule);
}

void rules_add_json(const rules_t *rules, bool pretty, buf_t *out) {
    writer_t writer = {.out = out, .pretty = pretty, .first = true};
    rule_table_t table;
    rule_table_init(&table, (rules_t *)(uintptr_t)rules);
    buf_add_char(out, '{');
    if (pretty) {
        add_key(&writer, "version");
        buf_add_json_str(out, rules->version, strlen(rules->version));
    }
    for (int i = 0; i < table.count; i++) add_rule(&writer, &table.items[i]);
    while (writer.depth) object_close(&writer);
    buf_add_str(out, pretty ? "\n}\n" : "}");
    rule_table_clear(&table);
}
