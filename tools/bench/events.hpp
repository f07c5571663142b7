// Makes distinct, realistic Stripe events at the speed of memory, for the bench programs.
#pragma once

#include <ledger/event.hpp>
#include <tools/bench/templates.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace daybook::bench {

/// The events of destination charges, six per order, each padded to `bytes` (never cut). The same
/// seed gives the same events; different seeds lead to different ids. One thread at a time.
class EventFactory {
public:
    explicit EventFactory(std::uint64_t seed = 1, std::size_t bytes = 3072) : seed_(seed) {
        for (std::size_t i = 0; i < templates.size(); ++i)
            forms_[i] = Form(templates[i], bytes);
    }

    /// The next event of the current order; after the sixth a new order begins.
    NewEvent next() {
        if (step_ == 0) values_ = values_of(order_);
        const Form& form = forms_[step_];
        NewEvent event;
        event.payload = form.text;
        for (const Place& place : form.places)
            std::memcpy(event.payload.data() + place.offset, values_.text[place.value].data(),
                        values_.text[place.value].size());
        event.event_id = event.payload.substr(form.event_id, 24);
        event.object_id = form.object_id;
        event.object_id.replace(event.object_id.size() - 12, 12, values_.text[0]);
        event.type = form.type;
        event.api_version = "2026-10-28.endive";
        event.occurred_at = values_.created * 1'000'000;
        if (step_ < 3) event.causation_id = request_id();
        if (step_ == 0) event.correlation_id = "order-" + values_.text[0];
        advance();
        return event;
    }

private:
    static constexpr std::array<char, 9> marks = {'@', '#', '!', '^', '=', '%', '&', '~', '+'};
    static constexpr std::array<std::size_t, 9> widths = {12, 10, 5, 4, 5, 6, 4, 6, 4};

    struct Place {
        std::size_t offset;
        std::size_t value;
    };
    struct Values {
        std::array<std::string, marks.size()> text;
        std::int64_t created = 0;
    };
    struct Form {
        Form() = default;
        Form(const Template& from, std::size_t bytes)
            : type(from.type), object_id(from.object_id), text(from.text) {
            const auto pad = text.find("<pad>");
            text.erase(pad, 5);
            if (text.size() < bytes) text.insert(pad, padding(bytes - text.size()));
            for (std::size_t at = 0; at < text.size(); ++at) {
                for (std::size_t value = 0; value < marks.size(); ++value) {
                    if (text.compare(at, widths[value], std::string(widths[value], marks[value])) !=
                        0)
                        continue;
                    places.push_back({at, value});
                    at += widths[value] - 1;
                    break;
                }
            }
            event_id = text.find("evt_");
        }

        std::string_view type;
        std::string_view object_id;
        std::string text;
        std::vector<Place> places;
        std::size_t event_id = 0;
    };

    /// Notes as a marketplace keeps them in metadata: keys up to 40, values up to 500 characters.
    static std::string padding(std::size_t bytes) {
        static constexpr std::array<std::string_view, 12> words = {
            "hand",    "parcel", "copper", "weekly", "studio", "granite",
            "lantern", "ribbon", "harbor", "maple",  "violet", "courier"};
        std::string notes;
        std::uint64_t mixed = 1;
        while (bytes - notes.size() > 40) {
            const auto start = notes.size();
            const auto room = std::min<std::size_t>(bytes - start, 460);
            notes += ",\n        \"note_" + std::to_string(start) + "\": \"";
            while (notes.size() - start + 24 < room) {
                mixed = mix(mixed);
                notes += words[mixed % words.size()];
                notes += static_cast<char>('a' + mixed / 64 % 26);
                notes += std::to_string(mixed / 4096 % 1000);
                notes += ' ';
            }
            notes += '"';
        }
        notes.append(bytes - notes.size(), ' ');
        return notes;
    }

    /// The finalizer of SplitMix64: a bijection, so that orders of one seed never collide.
    static std::uint64_t mix(std::uint64_t value) {
        value += 0x9e3779b97f4a7c15ULL;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
        return value ^ (value >> 31);
    }

    static std::string digits(std::uint64_t value, std::size_t width) {
        std::string text = std::to_string(value);
        return text.size() < width ? std::string(width - text.size(), '0') + text : text;
    }

    Values values_of(std::uint64_t order) const {
        static constexpr std::string_view alphabet =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        const auto identity = mix(mix(seed_) + order);
        std::string code(12, '0');
        auto rest = identity;
        for (auto letter = code.rbegin(); letter != code.rend(); ++letter, rest /= 62)
            *letter = alphabet[rest % 62];

        const auto dice = mix(identity);
        const auto amount = 10 * (1250 + dice % 8000);
        Values values;
        values.created = static_cast<std::int64_t>(1'790'000'000 + order / 40);
        values.text = {code,
                       digits(static_cast<std::uint64_t>(values.created), 10),
                       digits(amount, 5),
                       digits(amount / 10, 4),
                       digits(amount - amount / 10, 5),
                       digits(dice / 8000 % 50'000, 6),
                       digits(dice / 1'000'000'000 % 2'000, 4),
                       digits(dice / 7'000'000 % 1'000, 6),
                       digits(dice / 3'000'000'000 % 10'000, 4)};
        return values;
    }

    std::string request_id() const {
        return "req_Dbk" + values_.text[0] + (step_ == 0 ? '0' : '1');
    }

    void advance() {
        if (++step_ == templates.size()) {
            step_ = 0;
            ++order_;
        }
    }

    std::uint64_t seed_;
    std::uint64_t order_ = 0;
    std::size_t step_ = 0;
    Values values_;
    std::array<Form, templates.size()> forms_;
};

}  // namespace daybook::bench
