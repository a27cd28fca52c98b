#include "processor/model_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Just past the text that begins a line, NULL where no line has it. */
static const char *line_with(const char *text, const char *begin) {
    size_t size = strlen(begin);
    if (strncmp(text, begin, size) == 0) return text + size;
    for (const char *at = text; (at = strchr(at, '\n')) != NULL;)
        if (strncmp(++at, begin, size) == 0) return at + size;
    return NULL;
}

/* What the library cannot do without in a tree. */
static const char *const tree_fields[] = {"num_leaves=", "num_cat=", "leaf_value="};

/* The trees follow each other, each with the size that the head tells. */
static const char *trees_error(const char *sizes, const char *tree, const char *end) {
    static const char wrong_sizes[] = "its trees do not have the sizes that its head tells";
    for (int number = 0; *sizes && *sizes != '\n'; number++) {
        char begin[32], *next;
        unsigned long size = strtoul(sizes, &next, 10);
        snprintf(begin, sizeof begin, "Tree=%d\n", number);
        if (next == sizes || size > (size_t)(end - tree) || strncmp(tree, begin, strlen(begin)) != 0)
            return wrong_sizes;
        for (size_t i = 0; i < sizeof tree_fields / sizeof *tree_fields; i++) {
            const char *field = line_with(tree, tree_fields[i]);
            if (!field || field >= tree + size) return "a tree of it lacks a field";
        }
        tree += size;
        sizes = next;
    }
    return strncmp(tree, "end of trees", strlen("end of trees")) == 0 ? NULL : wrong_sizes;
}

const char *model_text_error(const char *text, size_t size) {
    const char *sizes = line_with(text, "tree_sizes="), *tree = line_with(text, "Tree=0\n");
    if (strncmp(text, "tree\n", 5) != 0) return "it is no model of LightGBM";
    if (memchr(text, '\0', size)) return "it holds bytes that are no text";
    if (!line_with(text, "end of trees\n") || !sizes || !tree) return "it is cut off, or has no trees";
    if (!line_with(text, "objective=binary")) return "it gives no probability: its objective must be binary";
    return trees_error(sizes, tree - strlen("Tree=0\n"), text + size);
}
