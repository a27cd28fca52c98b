/* A value from a table as the value of a JSON field. */
#pragma once

#include "common/buf.h"
#include "risk/transfer.h"

#include <stdbool.h>

/* Whether JSON has the text as a number as it stands: `007` and `1,5` are none. */
bool json_is_number(text_t text);
/* A number where JSON has it so and `may_be_number`, else a string. */
void buf_add_json_field(buf_t *buf, text_t text, bool may_be_number);
/* The same as a member of an object, which it begins where the buffer is empty; nothing of an empty text. */
void buf_add_json_member(buf_t *buf, const char *name, text_t text, bool may_be_number);
