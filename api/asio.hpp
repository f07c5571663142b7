// The coroutine types of this service: one concrete executor, so that nothing is type-erased.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace daybook::api {

using Clock = std::chrono::steady_clock;

// Concrete executors instead of any_io_executor: no virtual call and no allocation per operation.
using Executor = boost::asio::io_context::executor_type;
using Token = boost::asio::use_awaitable_t<Executor>;
template <class T>
using Task = boost::asio::awaitable<T, Executor>;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;

}  // namespace daybook::api
