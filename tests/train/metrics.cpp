#include <lofi/train/metrics.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::test;

TEST_CASE("means and history come back from JSON bit for bit") {
    train::running_means means;
    means.add({{"loss", 0.1}, {"accuracy", 1}});
    means.add({{"loss", 0.2}});
    CHECK(train::value_of(means.means(), "loss") == (0.1 + 0.2) / 2);
    CHECK(std::isnan(train::value_of(means.means(), "nobody")));
    auto again = train::running_means::from_json(nn::json::parse(means.to_json().dump()));
    again.add({{"loss", 1.0 / 3}});
    means.add({{"loss", 1.0 / 3}});
    CHECK(again.to_json().dump() == means.to_json().dump());

    const std::vector<train::history_entry> history{{10, 1e-3, {{"loss", 1.0 / 3}}, {{"loss", 0.7}, {"f1", std::nan("")}}},
                                                    {20, 5e-324, {{"loss", 1e308}}, {}}};
    const auto text = train::to_json(history).dump();
    const auto back = train::history_from_json(nn::json::parse(text));
    REQUIRE(back.size() == 2);
    CHECK(train::to_json(back).dump() == text);
    CHECK(back[0].measure("loss") == 0.7);
    CHECK(std::isnan(back[0].valid[1].value));
    CHECK(back[1].measure("loss") == 1e308);
    CHECK(back[1].rate == 5e-324);
}

TEST_CASE("a history that is none is an error") {
    for (const char* bad :
         {"{}", "[1]", "[{}]", R"([{"step":-1,"rate":1,"train":{},"valid":{}}])",
          R"([{"step":1,"rate":"a","train":{},"valid":{}}])", R"([{"step":1,"rate":1,"train":[],"valid":{}}])",
          R"([{"step":1,"rate":1,"train":{"a":[]},"valid":{}}])"})
        CHECK_THROWS_WITH(train::history_from_json(nn::json::parse(bad)), contains("training: "));
    CHECK_THROWS_AS(train::running_means::from_json(nn::json::parse(R"({"count":1.5,"sums":{}})")), error);
}
