#include "tools/explain_view.h"

#include <string.h>

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static double number_of(const json_t *object, const char *key) {
    return json_number_value(json_object_get(object, key));
}

static void add_number(const json_t *object, const char *key, buf_t *out) {
    buf_add_double(out, number_of(object, key));
}

static void add_counted(double count, const char *what, buf_t *out) {
    buf_add_double(out, count);
    buf_printf(out, " %s%s", what, count == 1 ? "" : "s");
}

static void add_texts(const json_t *list, const char *between, buf_t *out) {
    size_t i;
    const json_t *text;
    json_array_foreach((json_t *)(uintptr_t)list, i, text)
        buf_printf(out, "%s%s", i ? between : "", json_string_value(text) ? json_string_value(text) : "");
}

/* Everything simple that an object says, but for what has been said. */
static void add_evidence(const json_t *object, const char *const *said, buf_t *out) {
    const char *key;
    const json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        const char *const *known = said;
        while (*known && strcmp(*known, key)) known++;
        if (*known || json_is_object(value) || json_is_array(value)) continue;
        buf_printf(out, "  %s ", key);
        if (json_is_string(value))
            buf_add_str(out, json_string_value(value));
        else if (json_is_number(value))
            buf_add_double(out, json_number_value(value));
        else
            buf_add_str(out, json_is_true(value) ? "yes" : json_is_false(value) ? "no" : "-");
    }
}

static void add_label(const json_t *label, buf_t *out) {
    static const char *const keys[] = {"source", "date", "note"};
    buf_add_str(out, text_of(label, "category"));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *text = text_of(label, keys[i]);
        if (*text) buf_printf(out, ", %s", text);
    }
}

static void add_head(const json_t *why, buf_t *out) {
    const json_t *state = json_object_get(why, "state"), *label = json_object_get(state, "label");
    buf_printf(out, "%s  score ", text_of(why, json_object_get(why, "asked_as") ? "asked_as" : "wallet"));
    add_number(state, "score", out);
    buf_printf(out, "  %s  rules %s\n", text_of(state, "level"), text_of(state, "rules_version"));
    if (label) {
        buf_add_str(out, "  label: ");
        add_label(label, out);
        buf_add_char(out, '\n');
    }
    buf_add_str(out, "  received ");
    add_counted(number_of(state, "received_count"), "transfer", out);
    buf_add_str(out, " from ");
    add_counted(number_of(state, "in_degree"), "wallet", out);
    buf_add_str(out, ", ");
    add_number(state, "received_total", out);
    buf_add_str(out, "; sent ");
    add_counted(number_of(state, "sent_count"), "transfer", out);
    buf_add_str(out, " to ");
    add_counted(number_of(state, "out_degree"), "wallet", out);
    buf_add_str(out, ", ");
    add_number(state, "sent_total", out);
    buf_add_char(out, '\n');
}

static void add_reasons(const json_t *why, buf_t *out) {
    static const char *const said[] = {NULL};
    size_t i;
    const json_t *reason, *reasons = json_object_get(json_object_get(why, "state"), "reasons");
    if (json_array_size(reasons)) buf_add_str(out, "\nreasons\n");
    json_array_foreach((json_t *)(uintptr_t)reasons, i, reason) {
        buf_printf(out, "  %6.2f  %-22s", number_of(reason, "contribution"), text_of(reason, "code"));
        add_evidence(json_object_get(reason, "evidence"), said, out);
        buf_add_char(out, '\n');
    }
}

static void add_edge(const json_t *edge, buf_t *out) {
    const char *first = text_of(edge, "first"), *last = text_of(edge, "last");
    add_texts(json_object_get(edge, "tx_ids"), ", ", out);
    if (*first) buf_printf(out, "  %s", first);
    if (*last && strcmp(first, last) != 0) buf_printf(out, " to %s", last);
    if (!json_object_get(edge, "transfers")) return;
    buf_add_str(out, "  ");
    add_counted(number_of(edge, "transfers"), "transfer", out);
    buf_add_str(out, ", value ");
    add_number(edge, "value", out);
    if (number_of(edge, "tainted") == 0) return;
    buf_add_str(out, ", tainted ");
    add_number(edge, "tainted", out);
}

static void add_indent(size_t depth, buf_t *out) {
    buf_add_str(out, "    ");
    for (size_t i = 0; i < depth; i++) buf_add_str(out, "   ");
}

/* Of a source, from the far end to the wallet: each wallet under the one that paid it. */
static void add_hops_inwards(const json_t *path, const json_t *hops, buf_t *out) {
    size_t count = json_array_size(hops);
    buf_add_str(out, text_of(path, "label"));
    if (!json_is_true(json_object_get(path, "complete")))
        buf_printf(out, " … goes on at %s: %s", text_of(path, "continues_at"), text_of(path, "why"));
    buf_add_char(out, '\n');
    for (size_t i = count; i-- > 0;) {
        const json_t *hop = json_array_get(hops, i);
        add_indent(count - 1 - i, out);
        buf_printf(out, "└─ %s  by ", text_of(hop, "to"));
        add_edge(hop, out);
        buf_add_char(out, '\n');
    }
}

/* Else from the wallet to the far end, saying who paid whom. */
static void add_hops_outwards(const char *wallet, const json_t *path, const json_t *hops, buf_t *out) {
    size_t i;
    const json_t *hop;
    const char *at = wallet;
    buf_printf(out, "%s\n", wallet);
    json_array_foreach((json_t *)(uintptr_t)hops, i, hop) {
        bool pays = strcmp(text_of(hop, "from"), at) == 0;
        at = text_of(hop, pays ? "to" : "from");
        add_indent(i, out);
        buf_printf(out, "└─ %s %s  by ", pays ? "to" : "from", at);
        add_edge(hop, out);
        buf_add_char(out, '\n');
    }
    if (json_is_true(json_object_get(path, "complete"))) return;
    add_indent(json_array_size(hops), out);
    buf_printf(out, "… %s: goes on at %s: %s\n", text_of(path, "label"), text_of(path, "continues_at"),
               text_of(path, "why"));
}

static void add_path(const char *wallet, const json_t *path, buf_t *out) {
    const json_t *hops = json_object_get(path, "path"), *labelled = json_object_get(path, "labelled");
    const char *direction = text_of(path, "direction");
    buf_printf(out, "  %s, ", text_of(path, "category"));
    if (json_array_size(hops)) buf_printf(out, "%s, ", direction);
    add_counted(number_of(path, "hops"), "hop", out);
    buf_printf(out, ", %.2f of the score", number_of(path, "contribution"));
    if (labelled) {
        buf_add_str(out, ": ");
        add_label(labelled, out);
    }
    buf_add_str(out, "\n    ");
    if (strcmp(direction, "source") == 0)
        add_hops_inwards(path, hops, out);
    else
        add_hops_outwards(wallet, path, hops, out);
}

static void add_paths(const json_t *why, buf_t *out) {
    size_t i;
    const json_t *path, *paths = json_object_get(why, "paths");
    if (json_array_size(paths)) buf_add_str(out, "\npaths\n");
    json_array_foreach((json_t *)(uintptr_t)paths, i, path) add_path(text_of(why, "wallet"), path, out);
    if (number_of(why, "paths_left_out") > 0) {
        buf_add_str(out, "  and ");
        add_number(why, "paths_left_out", out);
        buf_add_str(out, " more, beyond the limits\n");
    }
}

static void add_findings(const json_t *why, buf_t *out) {
    static const char *const said[] = {"typology", "contribution", NULL};
    size_t i;
    const json_t *finding, *findings = json_object_get(why, "findings");
    if (json_array_size(findings)) buf_add_str(out, "\nfindings\n");
    json_array_foreach((json_t *)(uintptr_t)findings, i, finding) {
        buf_printf(out, "  %6.2f  %-22s", number_of(finding, "contribution"), text_of(finding, "typology"));
        add_evidence(finding, said, out);
        buf_add_str(out, "\n          ");
        add_texts(json_object_get(finding, "tx_ids"), " ", out);
        buf_add_char(out, '\n');
    }
}

static void add_contributors(const json_t *why, buf_t *out) {
    static const char *const sides[] = {"received", "sent"};
    size_t i;
    const json_t *contributor, *contributors = json_object_get(why, "contributors");
    if (json_array_size(contributors)) buf_add_str(out, "\ncounterparties, by what they brought\n");
    json_array_foreach((json_t *)(uintptr_t)contributors, i, contributor) {
        buf_printf(out, "  %6.2f  %s\n", number_of(contributor, "contribution"),
                   text_of(contributor, "wallet"));
        for (size_t side = 0; side < sizeof sides / sizeof *sides; side++) {
            const json_t *edge = json_object_get(contributor, sides[side]);
            if (!edge) continue;
            buf_printf(out, "          %-8s  ", sides[side]);
            add_edge(edge, out);
            buf_add_char(out, '\n');
        }
    }
}

static void add_wallet(const json_t *why, buf_t *out) {
    if (!json_object_get(why, "state")) {
        buf_printf(out, "%s  %s\n", text_of(why, "wallet"), text_of(why, "why"));
        return;
    }
    add_head(why, out);
    add_reasons(why, out);
    add_paths(why, out);
    add_findings(why, out);
    add_contributors(why, out);
    if (!json_is_true(json_object_get(why, "complete")))
        buf_add_str(out, "\nnot complete: some of the state is with other instances\n");
}

void explain_view(const json_t *explanation, buf_t *out) {
    const json_t *edge = json_object_get(explanation, "edge");
    if (!edge) {
        add_wallet(explanation, out);
        return;
    }
    buf_printf(out, "transfer %s  %s → %s\n  all between the two: ", text_of(explanation, "tx_id"),
               text_of(edge, "from"), text_of(edge, "to"));
    add_edge(edge, out);
    buf_add_str(out, "\n\nsender ");
    add_wallet(json_object_get(explanation, "sender"), out);
    buf_add_str(out, "\nreceiver ");
    add_wallet(json_object_get(explanation, "receiver"), out);
}
