// Boost.JSON itself, compiled once here instead of linked.
#include <boost/json/src.hpp>
