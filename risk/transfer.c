#include "risk/transfer.h"

#include "common/timestamp.h"
#include "risk/text.h"
#include "risk/transfer_fields.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

enum { NUMBER_SIZE_MAX = 64, SHOWN_SIZE_MAX = 48, INTEGER_TEXT_SIZE = 24 };

struct transfer_parser {
    buf_t reason;
    json_t *root; /* of the last record that went through jansson; texts point into it */
    char integers[FIELD_COUNT][INTEGER_TEXT_SIZE];
    char src[ADDRESS_SIZE], dst[ADDRESS_SIZE]; /* where the record has them in another case */
};

const char *const field_names[FIELD_COUNT] = {"tx_id",    "src", "sender", "from",  "dst",
                                              "receiver", "to",  "amount", "asset", "timestamp"};

field_name_t field_of_name(const char *name, size_t size) {
    field_name_t field = FIELD_COUNT;
    switch (size) {
    case 2: field = FIELD_TO; break;
    case 3: field = name[0] == 's' ? FIELD_SRC : FIELD_DST; break;
    case 4: field = FIELD_FROM; break;
    case 5: field = name[0] == 't' ? FIELD_TX_ID : FIELD_ASSET; break;
    case 6: field = name[0] == 's' ? FIELD_SENDER : FIELD_AMOUNT; break;
    case 8: field = FIELD_RECEIVER; break;
    case 9: field = FIELD_TIMESTAMP; break;
    default: return FIELD_COUNT;
    }
    return memcmp(name, field_names[field], size) ? FIELD_COUNT : field;
}

/* A mantissa below 2^53 and a power of ten up to 10^22 are exact doubles, so their quotient is rounded
 * once. */
static bool number_parse_plain(const char *text, size_t size, double *number) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                    1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    uint64_t mantissa = 0;
    size_t digits = 0, decimals = 0;
    bool fraction = false;
    if (size > 19) return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] >= '0' && text[i] <= '9') {
            mantissa = mantissa * 10 + (uint64_t)(text[i] - '0');
            digits++;
            decimals += fraction;
        } else if (text[i] == '.' && !fraction && digits) {
            fraction = true;
        } else {
            return false;
        }
    }
    if (digits == 0 || digits > 18 || (fraction && !decimals) || mantissa >= UINT64_C(1) << 53) return false;
    *number = (double)mantissa / powers[decimals];
    return true;
}

bool number_parse(const char *text, size_t size, double *number) {
    if (number_parse_plain(text, size, number)) return true;
    if (size == 0 || size > NUMBER_SIZE_MAX) return false;
    for (size_t i = 0; i < size; i++)
        if (!text[i] || !strchr("0123456789+-.eE", text[i])) return false;
    char copy[NUMBER_SIZE_MAX + 1], *end;
    memcpy(copy, text, size);
    copy[size] = '\0';
    *number = strtod(copy, &end);
    return end == copy + size && isfinite(*number);
}

transfer_parser_t *transfer_parser_new(void) {
    transfer_parser_t *parser = calloc(1, sizeof *parser);
    if (!parser) abort();
    return parser;
}

void transfer_parser_free(transfer_parser_t *parser) {
    if (!parser) return;
    buf_clear(&parser->reason);
    json_decref(parser->root);
    free(parser);
}

/* What the field holds, for a message: cut short at a character's edge. */
static void show(buf_t *out, const field_t *field) {
    switch (field->kind) {
    case FIELD_ABSENT: buf_add_str(out, "null"); break;
    case FIELD_OTHER: buf_add_str(out, "something else"); break;
    case FIELD_NUMBER: buf_printf(out, "%.17g", field->number); break;
    case FIELD_INTEGER: buf_add(out, field->text.data, field->text.size); break;
    case FIELD_TEXT: {
        size_t size = field->text.size;
        bool cut = size > SHOWN_SIZE_MAX;
        if (cut) {
            size = SHOWN_SIZE_MAX;
            while (size && ((unsigned char)field->text.data[size] & 0xc0) == 0x80) size--;
        }
        buf_add_json_str(out, field->text.data, size);
        if (cut) buf_printf(out, "… (%zu bytes)", field->text.size);
    }
    }
}

static const char *refuse(transfer_parser_t *parser, field_name_t name, const field_t *field,
                          const char *why) {
    buf_reset(&parser->reason);
    buf_printf(&parser->reason, "\"%s\" %s: ", field_names[name], why);
    show(&parser->reason, field);
    return buf_cstr(&parser->reason);
}

static const char *read_id(transfer_parser_t *parser, field_name_t name, const field_t *field, text_t *out) {
    if (field->kind != FIELD_TEXT && field->kind != FIELD_INTEGER)
        return refuse(parser, name, field, "must be a string or a whole number");
    if (field->text.size == 0) return refuse(parser, name, field, "must not be empty");
    if (field->text.size > WALLET_SIZE_MAX) return refuse(parser, name, field, "must have at most 256 bytes");
    if (!text_is_printable(field->text.data, field->text.size))
        return refuse(parser, name, field, "must not hold control characters");
    *out = field->text;
    return NULL;
}

/* A wallet under any of three names that stand one after the other in field_name_t; all that are given must
 * agree. */
static const char *read_wallet(transfer_parser_t *parser, const transfer_fields_t *fields, field_name_t first,
                               char room[ADDRESS_SIZE], text_t *out) {
    char other[ADDRESS_SIZE];
    out->size = 0;
    for (field_name_t name = first; name < first + 3; name++) {
        const field_t *field = &fields->values[name];
        text_t wallet;
        if (field->kind == FIELD_ABSENT) continue;
        const char *reason = read_id(parser, name, field, &wallet);
        if (reason) return reason;
        wallet = text_normal_wallet(wallet, out->size ? other : room);
        if (out->size && !text_equal(*out, wallet))
            return refuse(parser, name, field, "contradicts the other name for the same wallet");
        if (!out->size) *out = wallet;
    }
    if (out->size) return NULL;
    return first == FIELD_SRC ? "no sender: one of \"src\", \"sender\", \"from\" must be given"
                              : "no receiver: one of \"dst\", \"receiver\", \"to\" must be given";
}

static const char *read_amount(transfer_parser_t *parser, const field_t *field, double *amount) {
    if (field->kind == FIELD_ABSENT) return "no \"amount\": it must be a number of at least 0";
    if (field->kind == FIELD_OTHER) return refuse(parser, FIELD_AMOUNT, field, "must be a number");
    *amount = field->number;
    if (field->kind == FIELD_TEXT && !number_parse(field->text.data, field->text.size, amount))
        return refuse(parser, FIELD_AMOUNT, field, "must be a finite number");
    if (!isfinite(*amount)) return refuse(parser, FIELD_AMOUNT, field, "must be a finite number");
    if (*amount < 0) return refuse(parser, FIELD_AMOUNT, field, "must not be negative");
    *amount = fabs(*amount); /* -0 */
    return NULL;
}

static const char *read_timestamp(transfer_parser_t *parser, const field_t *field, int64_t record_ms,
                                  int64_t *ms) {
    static const char why[] = "must be ISO 8601, Unix seconds or Unix milliseconds";
    *ms = record_ms;
    switch (field->kind) {
    case FIELD_ABSENT: return NULL;
    case FIELD_TEXT:
        if (timestamp_parse(field->text.data, field->text.size, ms)) return NULL;
        return refuse(parser, FIELD_TIMESTAMP, field, why);
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        if (timestamp_of_number(field->number, ms)) return NULL;
        return refuse(parser, FIELD_TIMESTAMP, field, why);
    default: return refuse(parser, FIELD_TIMESTAMP, field, why);
    }
}

static const char *read_asset(transfer_parser_t *parser, const field_t *field, text_t *asset) {
    *asset = (text_t){"", 0};
    if (field->kind == FIELD_ABSENT || (field->kind == FIELD_TEXT && field->text.size == 0)) return NULL;
    return read_id(parser, FIELD_ASSET, field, asset);
}

static const char *read_fields(transfer_parser_t *parser, const transfer_fields_t *fields, int64_t record_ms,
                               transfer_t *out) {
    const field_t *values = fields->values;
    const char *reason;
    if (values[FIELD_TX_ID].kind == FIELD_ABSENT) return "no \"tx_id\": the transaction must have an id";
    if ((reason = read_id(parser, FIELD_TX_ID, &values[FIELD_TX_ID], &out->tx_id))) return reason;
    if ((reason = read_wallet(parser, fields, FIELD_SRC, parser->src, &out->src))) return reason;
    if ((reason = read_wallet(parser, fields, FIELD_DST, parser->dst, &out->dst))) return reason;
    if ((reason = read_amount(parser, &values[FIELD_AMOUNT], &out->amount))) return reason;
    if ((reason = read_asset(parser, &values[FIELD_ASSET], &out->asset))) return reason;
    out->record_ms = record_ms;
    return read_timestamp(parser, &values[FIELD_TIMESTAMP], record_ms, &out->timestamp_ms);
}

static void field_of_json(transfer_parser_t *parser, field_name_t name, const json_t *json, field_t *field) {
    *field = (field_t){0};
    switch (json_typeof(json)) {
    case JSON_NULL: break;
    case JSON_STRING:
        field->kind = FIELD_TEXT;
        field->text = (text_t){json_string_value(json), json_string_length(json)};
        break;
    case JSON_INTEGER: {
        char *text = parser->integers[name];
        int size = snprintf(text, INTEGER_TEXT_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
        *field = (field_t){FIELD_INTEGER, {text, (size_t)size}, (double)json_integer_value(json)};
        break;
    }
    case JSON_REAL: *field = (field_t){.kind = FIELD_NUMBER, .number = json_real_value(json)}; break;
    default: field->kind = FIELD_OTHER;
    }
}

static const char *fields_parse(transfer_parser_t *parser, const char *json, size_t size,
                                transfer_fields_t *fields) {
    json_error_t error;
    json_decref(parser->root);
    parser->root = json_loadb(json, size, 0, &error);
    /* Amounts in the smallest unit (wei) do not fit 64 bits. Read so, whole numbers are no ids any more. */
    if (!parser->root && json_error_code(&error) == json_error_numeric_overflow)
        parser->root = json_loadb(json, size, JSON_DECODE_INT_AS_REAL, &error);
    if (!parser->root) {
        buf_reset(&parser->reason);
        buf_printf(&parser->reason, "not JSON: %s (at byte %d)", error.text, error.position);
        return buf_cstr(&parser->reason);
    }
    if (!json_is_object(parser->root)) return "not a JSON object";
    for (int name = 0; name < FIELD_COUNT; name++) {
        const json_t *value = json_object_get(parser->root, field_names[name]);
        fields->values[name] = (field_t){0};
        if (value) field_of_json(parser, (field_name_t)name, value, &fields->values[name]);
    }
    return NULL;
}

const char *transfer_parse(transfer_parser_t *parser, const char *json, size_t size, int64_t record_ms,
                           transfer_t *out) {
    transfer_fields_t fields;
    if (size == 0 || !json) return "empty record";
    if (size > TRANSFER_JSON_SIZE_MAX) {
        buf_reset(&parser->reason);
        buf_printf(&parser->reason, "record of %zu bytes; at most %d are allowed", size,
                   TRANSFER_JSON_SIZE_MAX);
        return buf_cstr(&parser->reason);
    }
    if (!transfer_fields_scan(json, size, &fields)) {
        const char *reason = fields_parse(parser, json, size, &fields);
        if (reason) return reason;
    }
    return read_fields(parser, &fields, record_ms, out);
}
