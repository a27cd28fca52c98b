/* An explanation as a text for people. */
#pragma once

#include "common/buf.h"

#include <jansson.h>

/* Appends the text of what /state/explain answered, for a wallet or for a transfer. */
void explain_view(const json_t *explanation, buf_t *out);
