#pragma once
// What a trainee of sound hands to a device: its clips in one row, its windows that are held out, and where the windows of each step begin.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <lofi/model/lofigen_training_resident.hpp>
#include <lofi/recipe/wave_training.hpp>
#include <lofi/train/resident.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The data of a training with the recipe's settings, for `model::lofigen_resident`: the same windows at the same steps as `wave_trainee`
/// reads. All clips that windows are drawn from go into memory.
/// params: window: samples of one example; sound: must outlive the order of what comes back
/// errors: throws where the clips are longer than a device counts
[[nodiscard]] inline model::lofigen_resident_data resident_data(const wave_recipe& r, std::size_t window,
                                                                corpus::sound_corpus& sound, const std::string& set) {
    model::lofigen_resident_data d;
    d.steps = window - 1, d.batch = r.batch;
    struct clip {
        corpus::sound_part part;
        std::size_t at;
    };
    std::vector<clip> clips;
    for (const corpus::sound_part& p : sound.parts(corpus::split::train, set)) {
        if (p.count < window) continue;
        clips.push_back({p, d.train.size()});
        const std::vector<float> read = sound.read(p);
        if (d.train.size() + read.size() > std::numeric_limits<std::uint32_t>::max())
            raise(error("audio",
                        "has more than 4,294,967,295 samples to train, which is what a device counts: give fewer files, "
                        "or --backend cpu"));
        d.train.insert(d.train.end(), read.begin(), read.end());
    }
    d.valid.resize(r.valid_windows * window);
    sound.windows(corpus::split::valid, window, random_key{r.seed}.child("valid"), d.valid, set);
    auto starts = std::make_shared<std::vector<std::uint32_t>>();
    d.order = [clips, starts, window, set, seed = r.seed, batch = r.batch, &sound](std::uint64_t step) {
        const random_key key = random_key{seed}.child("train").child(step).child("windows");
        starts->resize(batch);
        for (std::size_t i = 0; i < batch; ++i) {
            const corpus::sound_part w = sound.draw(corpus::split::train, window, key.child(i), set);
            const auto from = std::find_if(clips.begin(), clips.end(), [&](const clip& c) {
                return c.part.file == w.file && w.first >= c.part.first && w.first + w.count <= c.part.first + c.part.count;
            });
            LOFI_ASSERT(from != clips.end(), "a window lies in one of the clips");
            (*starts)[i] = static_cast<std::uint32_t>(from->at + w.first - from->part.first);
        }
        return std::span<const std::uint32_t>(*starts);
    };
    return d;
}

}  // namespace lofi::inline LOFI_ABI::recipe
