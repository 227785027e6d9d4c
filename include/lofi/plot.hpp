#pragma once
// All of the room plot.
#include <lofi/plot/axes.hpp>
#include <lofi/plot/bars.hpp>
#include <lofi/plot/color.hpp>
#include <lofi/plot/curves.hpp>
#include <lofi/plot/deflate.hpp>
#include <lofi/plot/figure.hpp>
#include <lofi/plot/font.hpp>
#include <lofi/plot/heat_map.hpp>
#include <lofi/plot/histogram.hpp>
#include <lofi/plot/piano_roll.hpp>
#include <lofi/plot/png.hpp>
#include <lofi/plot/raster.hpp>
