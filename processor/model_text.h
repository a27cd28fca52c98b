/* Whether a model file is whole, as LightGBM writes it: its library ends the process over one that is not. */
#pragma once

#include <stddef.h>

/* NULL, or what is wrong with it. `text` ends with a NUL behind `size` bytes. */
const char *model_text_error(const char *text, size_t size);
