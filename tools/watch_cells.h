/* Text that nobody vouches for (wallets, names, messages), made fit for a terminal: cut to a number of cells
 * between characters, and without anything that the terminal would obey or not show. */
#pragma once

#include "common/buf.h"

#include <stdbool.h>

typedef enum {
    CUT_END,   /* 0x52908400… */
    CUT_MIDDLE /* 0x5290…a3f1: both ends of an address tell it from others */
} cut_t;

/* Adds at most `width` cells of the text and returns how many. What cannot be shown (control characters,
 * invisible and direction-changing ones, broken UTF-8) is a dot; without `utf8`, so is all that is not
 * ASCII. */
int cells_add(buf_t *out, const char *text, int width, cut_t cut, bool utf8);
