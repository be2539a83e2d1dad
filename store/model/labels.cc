// SPDX-License-Identifier: MIT
#include "store/model/labels.h"

#include <fmt/format.h>

#include <algorithm>

namespace cistern::store {
namespace {

bool name_less(const Label& label, std::string_view name) { return label.name < name; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_bare_metric(std::string_view name) {
    return !name.empty() && (is_letter(name[0]) || name[0] == ':') &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == ':'; });
}

bool is_bare_label(std::string_view name) {
    return !name.empty() && is_letter(name[0]) &&
           std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

// As Go's strconv.Quote writes it for printable UTF-8: what Prometheus prints.
void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
                    out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

// Bytes that follow the lead byte of a UTF-8 sequence, or -1.
int continuation_count(unsigned char lead) {
    if (lead < 0x80) {
        return 0;
    }
    if (lead >= 0xc2 && lead <= 0xdf) {
        return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        return 2;
    }
    return lead >= 0xf0 && lead <= 0xf4 ? 3 : -1;
}

// Overlong forms, surrogates and code points above U+10FFFF show in the second byte.
bool second_byte_fits(unsigned char lead, unsigned char second) {
    switch (lead) {
        case 0xe0: return second >= 0xa0;
        case 0xed: return second <= 0x9f;
        case 0xf0: return second >= 0x90;
        case 0xf4: return second <= 0x8f;
        default: return true;
    }
}

}  // namespace

Labels::Labels(std::vector<Label> labels) : labels_(std::move(labels)) {
    std::stable_sort(labels_.begin(), labels_.end(),
                     [](const Label& a, const Label& b) { return a.name < b.name; });
    size_t kept = 0;
    for (size_t i = 0; i < labels_.size(); ++i) {
        const bool overridden = i + 1 < labels_.size() && labels_[i + 1].name == labels_[i].name;
        if (overridden || labels_[i].value.empty()) {
            continue;
        }
        if (kept != i) {
            labels_[kept] = std::move(labels_[i]);
        }
        ++kept;
    }
    labels_.resize(kept);
}

Labels Labels::of_metric(std::string_view metric, std::vector<Label> labels) {
    labels.push_back({std::string(kMetricNameLabel), std::string(metric)});
    return Labels(std::move(labels));
}

std::string_view Labels::get(std::string_view name) const {
    const auto found = std::lower_bound(labels_.begin(), labels_.end(), name, name_less);
    return found != labels_.end() && found->name == name ? std::string_view(found->value) : std::string_view();
}

void Labels::set(std::string_view name, std::string_view value) {
    const auto found = std::lower_bound(labels_.begin(), labels_.end(), name, name_less);
    const bool present = found != labels_.end() && found->name == name;
    if (value.empty()) {
        if (present) {
            labels_.erase(found);
        }
    } else if (present) {
        found->value = value;
    } else {
        labels_.insert(found, {std::string(name), std::string(value)});
    }
}

uint64_t Labels::hash() const {
    uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a, 64 bits
    const auto mix = [&hash](std::string_view text) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        }
        hash = (hash ^ 0xff) * 0x100000001b3ULL;
    };
    for (const Label& label : labels_) {
        mix(label.name);
        mix(label.value);
    }
    return hash;
}

std::string Labels::to_string() const {
    const std::string_view name = metric();
    const bool bare = is_bare_metric(name);
    std::string out(bare ? name : std::string_view());
    std::string inner;
    const auto separate = [&inner] {
        if (!inner.empty()) {
            inner += ", ";
        }
    };
    if (!bare && !name.empty()) {
        append_quoted(inner, name);
    }
    for (const Label& label : labels_) {
        if (label.name == kMetricNameLabel) {
            continue;
        }
        separate();
        if (is_bare_label(label.name)) {
            inner += label.name;
        } else {
            append_quoted(inner, label.name);
        }
        inner += '=';
        append_quoted(inner, label.value);
    }
    if (!inner.empty() || out.empty()) {
        out += '{' + inner + '}';
    }
    return out;
}

bool is_valid_utf8(std::string_view text) {
    for (size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const int more = continuation_count(lead);
        if (more < 0 || i + static_cast<size_t>(more) >= text.size()) {
            return false;
        }
        for (int k = 1; k <= more; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + static_cast<size_t>(k)]);
            if ((byte & 0xc0) != 0x80 || (k == 1 && !second_byte_fits(lead, byte))) {
                return false;
            }
        }
        i += static_cast<size_t>(more) + 1;
    }
    return true;
}

Status validate_metric_name(std::string_view name) {
    if (name.empty()) {
        return fail(ErrorCode::InvalidArgument, "the metric name is empty");
    }
    if (name.size() > kMetricNameBytesMax) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("the metric name is longer than {} bytes", kMetricNameBytesMax));
    }
    if (!is_valid_utf8(name) || name.find('\0') != std::string_view::npos) {
        return fail(ErrorCode::InvalidArgument, "the metric name is not valid UTF-8");
    }
    return {};
}

Status validate_label_name(std::string_view name) {
    if (name.empty() || name.size() > kLabelNameBytesMax) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("label name '{}' must have 1 to {} bytes", name.substr(0, 40), kLabelNameBytesMax));
    }
    if (!is_valid_utf8(name) || name.find('\0') != std::string_view::npos) {
        return fail(ErrorCode::InvalidArgument, "a label name is not valid UTF-8");
    }
    return {};
}

Status validate_labels(const Labels& labels) {
    TRY(validate_metric_name(labels.metric()));
    if (labels.size() > kLabelCountMax) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("{} labels, more than {}", labels.size(), kLabelCountMax));
    }
    for (const Label& label : labels.all()) {
        TRY(validate_label_name(label.name));
        if (label.value.size() > kLabelValueBytesMax) {
            return fail(ErrorCode::InvalidArgument, fmt::format("the value of label '{}' is longer than {} bytes",
                                                                label.name, kLabelValueBytesMax));
        }
        if (!is_valid_utf8(label.value)) {
            return fail(ErrorCode::InvalidArgument,
                        fmt::format("the value of label '{}' is not valid UTF-8", label.name));
        }
    }
    return {};
}

Status validate_database_name(std::string_view name) {
    const auto ordinary = [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c); };
    const bool good = !name.empty() && name.size() <= 63 && ordinary(name[0]) &&
                      std::all_of(name.begin(), name.end(),
                                  [&](char c) { return ordinary(c) || c == '_' || c == '-'; });
    if (!good) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("database name '{}' must be [a-z0-9][a-z0-9_-]{{0,62}}", name.substr(0, 80)));
    }
    return {};
}

}  // namespace cistern::store
