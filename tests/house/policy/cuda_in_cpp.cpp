// Must not compile: a check looks for the sentence that says what to do.
#include <lofi/backend/cuda.hpp>
#include <lofi/nn/lstm.hpp>

using net = lofi::nn::lstm<lofi::nn::lstm_config{.in = 4, .hidden = 8}, lofi::backend::cuda<float>>;
int main() { return static_cast<int>(net::parameter_count); }
