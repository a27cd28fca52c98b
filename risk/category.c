#include "risk/category.h"

#include <string.h>

#define CATEGORY(name_)                                                                                      \
    {                                                                                                        \
        name_, "label_" name_, {"exposure_" name_, "exposure_to_" name_, "exposure_near_" name_},            \
            "taint_" name_                                                                                   \
    }

const category_info_t category_infos[CATEGORY_COUNT] = {
    [CATEGORY_SANCTIONED] = CATEGORY("sanctioned"), [CATEGORY_MIXER] = CATEGORY("mixer"),
    [CATEGORY_DARKNET] = CATEGORY("darknet"),       [CATEGORY_SCAM] = CATEGORY("scam"),
    [CATEGORY_THEFT] = CATEGORY("theft"),           [CATEGORY_RANSOMWARE] = CATEGORY("ransomware"),
    [CATEGORY_EXCHANGE] = CATEGORY("exchange"),     [CATEGORY_SERVICE] = CATEGORY("service"),
};

category_t category_of_name(text_t name) {
    for (int i = 0; i < CATEGORY_COUNT; i++) {
        const char *known = category_infos[i].name;
        if (strlen(known) == name.size && !memcmp(known, name.data, name.size)) return (category_t)i;
    }
    return CATEGORY_COUNT;
}
