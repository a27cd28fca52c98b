#include "risk/rules.h"

#define JSON(...) #__VA_ARGS__

/* clang-format off */
const rules_preset_t rules_presets[] = {
    {"default", "balanced; what is not given in a rules file", JSON({})},
    {"strict", "reaches further and alerts earlier, at the price of more to review", JSON({
        "exposure": {"nearest": 8, "max_hops": 6, "hop_weights": [1, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1]},
        "categories": {
            "sanctioned": {"alert_hops": 3}, "theft": {"alert_hops": 2}, "ransomware": {"alert_hops": 2},
            "darknet": {"weight": 0.9, "alert_hops": 2}, "scam": {"weight": 0.8, "alert_hops": 1},
            "mixer": {"weight": 0.75, "alert_hops": 1}
        },
        "half_life_days": 90,
        "levels": {"medium": 15, "high": 35, "critical": 60}
    })},
    {"hops-only", "flagged wallets within two hops over edges in either direction, and nothing else", JSON({
        "exposure": {
            "nearest": 16, "max_hops": 2, "source": 0, "destination": 0, "either": 1, "by_root_degree": true,
            "hop_weights": [1, 0.6, 0.3]
        },
        "categories": {
            "*": {"weight": 1, "service": false, "alert_hops": 0}, "exchange": {"weight": 0}, "service": {"weight": 0}
        },
        "taint": {"method": "off"},
        "detectors": {"*": {"weight": 0}}
    })},
    {NULL, NULL, NULL},
};
/* clang-format on */
