#include "tools/label_print.h"

#include "common/timestamp.h"
#include "risk/json_add.h"
#include "risk/text.h"
#include "tools/csv.h"

#include <string.h>

const char *const label_form_names[LABEL_FORM_COUNT + 1] = {"table", "csv",       "json",
                                                            "jsonl", "addresses", NULL};

static bool is(text_t text, const char *wanted) {
    return !wanted || !*wanted || text_equal(text, (text_t){wanted, strlen(wanted)});
}

static text_t category_of(const label_t *label) {
    const char *name = category_infos[label->category].name;
    return (text_t){name, strlen(name)};
}

static bool is_shown(const label_row_t *row, const label_filter_t *filter) {
    const label_t *label = label_row_label(row);
    return is(category_of(label), filter->category) && is(label_source(label), filter->source);
}

static text_t spelling(const label_row_t *row) {
    text_t address = label_address(label_row_label(row));
    return address.size ? address : row->wallet;
}

/* `2022-08-08` where that says it all. */
static text_t date_text(const label_t *label, char room[TIMESTAMP_SIZE_MAX]) {
    enum { DAY_MS = 24 * 3600 * 1000, DAY_SIZE = 10 };
    if (label->date_ms == LABEL_NO_DATE) return (text_t){"", 0};
    timestamp_format(label->date_ms, room);
    return (text_t){room, label->date_ms % DAY_MS ? strlen(room) : DAY_SIZE};
}

static void add_csv(const label_row_t *row, buf_t *out) {
    const label_t *label = label_row_label(row);
    char room[TIMESTAMP_SIZE_MAX];
    buf_add_csv_field(out, spelling(row));
    buf_add_char(out, ',');
    buf_add_csv_field(out, category_of(label));
    buf_add_char(out, ',');
    buf_add_csv_field(out, label_source(label));
    buf_add_char(out, ',');
    buf_add_double(out, label->confidence);
    buf_add_char(out, ',');
    buf_add_csv_field(out, label_note(label));
    buf_add_char(out, ',');
    buf_add_csv_field(out, date_text(label, room));
    buf_add_char(out, '\n');
}

static void add_field(buf_t *out, const char *name, text_t value) {
    if (!value.size) return;
    buf_printf(out, ",\"%s\":", name);
    json_add_text(out, value);
}

static void add_json(const label_row_t *row, buf_t *out) {
    const label_t *label = label_row_label(row);
    char room[TIMESTAMP_SIZE_MAX];
    buf_add_str(out, "{\"wallet\":");
    json_add_text(out, spelling(row));
    add_field(out, "category", category_of(label));
    add_field(out, "source", label_source(label));
    buf_add_str(out, ",\"confidence\":");
    buf_add_double(out, label->confidence);
    add_field(out, "note", label_note(label));
    add_field(out, "date", date_text(label, room));
    buf_add_char(out, '}');
}

static void add_padded(buf_t *out, text_t text, size_t width) {
    buf_add(out, text.data, text.size);
    for (size_t i = text.size; i < width; i++) buf_add_char(out, ' ');
    buf_add_str(out, "  ");
}

static void add_table_row(const label_row_t *row, size_t wallet_width, buf_t *out) {
    const label_t *label = label_row_label(row);
    char room[TIMESTAMP_SIZE_MAX];
    add_padded(out, spelling(row), wallet_width);
    add_padded(out, category_of(label), 10);
    buf_printf(out, "%10g  ", label->confidence);
    add_padded(out, date_text(label, room), 10);
    add_padded(out, label_source(label), 12);
    buf_add(out, label_note(label).data, label_note(label).size);
    while (out->data[out->size - 1] == ' ') out->size--;
    buf_add_char(out, '\n');
}

static void add_table(const label_table_t *table, const label_filter_t *filter, buf_t *out) {
    size_t width = 6, counts[CATEGORY_COUNT] = {0}, count = 0;
    for (const label_row_t *row = table->rows; row; row = row->hh.next) {
        if (!is_shown(row, filter)) continue;
        if (row->wallet.size > width) width = row->wallet.size;
        counts[label_row_label(row)->category]++;
        count++;
    }
    add_padded(out, (text_t){"wallet", 6}, width);
    buf_add_str(out, "category    confidence  date        source        note\n");
    for (const label_row_t *row = table->rows; row; row = row->hh.next)
        if (is_shown(row, filter)) add_table_row(row, width, out);
    buf_printf(out, "%zu labels", count);
    const char *before = ": ";
    for (category_t category = 0; category < CATEGORY_COUNT; category++) {
        if (!counts[category]) continue;
        buf_printf(out, "%s%zu %s", before, counts[category], category_infos[category].name);
        before = ", ";
    }
    buf_add_char(out, '\n');
}

void label_print(const label_table_t *table, label_form_t form, const label_filter_t *filter, buf_t *out) {
    if (form == LABEL_FORM_TABLE) {
        add_table(table, filter, out);
        return;
    }
    bool is_first = true;
    if (form == LABEL_FORM_CSV) buf_add_str(out, "wallet,category,source,confidence,note,date\n");
    for (const label_row_t *row = table->rows; row; row = row->hh.next) {
        if (!is_shown(row, filter)) continue;
        if (form == LABEL_FORM_JSON) buf_add_str(out, is_first ? "[\n" : ",\n");
        is_first = false;
        switch (form) {
        case LABEL_FORM_CSV: add_csv(row, out); break;
        case LABEL_FORM_ADDRESSES: buf_add(out, spelling(row).data, spelling(row).size); break;
        default: add_json(row, out);
        }
        if (form == LABEL_FORM_JSON_LINES || form == LABEL_FORM_ADDRESSES) buf_add_char(out, '\n');
    }
    if (form == LABEL_FORM_JSON) buf_add_str(out, is_first ? "[]\n" : "\n]\n");
}
