#pragma once
// The options of every command that draws from a network.
#include <lofi/sampling/sampler.hpp>

#include "command.hpp"

namespace program {

/// Adds --temperature and the filters. What they hold is checked together by `sampling::check`, before anything is drawn.
inline void add_sampler_options(CLI::App& app, lofi::sampling::sampler_config& sampler) {
    const CLI::Validator share = number(0, 1);
    app.add_option("--temperature", sampler.temperature, "Below 1 keeps to what is likely, above 1 is bolder")
        ->check(number(0, 100))
        ->capture_default_str();
    app.add_option("--top-k", sampler.top_k, "Only so many of the likeliest symbols; 0: all")->capture_default_str();
    app.add_option("--top-p", sampler.top_p, "Only the likeliest symbols up to this share")
        ->check(share)
        ->capture_default_str();
    app.add_option("--min-p", sampler.min_p, "Only symbols at least this share as likely as the likeliest")
        ->check(share)
        ->capture_default_str();
    app.add_option("--typical", sampler.typical, "Only the symbols that surprise about as much as is usual, up to this share")
        ->check(share)
        ->capture_default_str();
    app.add_option("--epsilon", sampler.epsilon, "Only symbols at least this likely")->check(share)->capture_default_str();
    app.add_option("--eta", sampler.eta, "As --epsilon, and milder where many symbols are likely")
        ->check(share)
        ->capture_default_str();
    app.add_option("--top-h", sampler.top_h, "Only the likeliest symbols up to this share of the entropy")
        ->check(share)
        ->capture_default_str();
}

}  // namespace program
