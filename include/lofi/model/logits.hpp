#pragma once
// The sums of any backend as logits in whole numbers.
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::model::detail {

constexpr std::int32_t logit_q16(std::int32_t sum) { return sum; }
template <std::floating_point Real>
std::int32_t logit_q16(Real sum) {
    return static_cast<std::int32_t>(std::lrint(std::clamp(sum, Real{-30000}, Real{30000}) * Real{65536}));
}

}  // namespace lofi::inline LOFI_ABI::model::detail
