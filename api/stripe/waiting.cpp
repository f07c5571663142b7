// A timer each: its natural end is the deadline, cancelling it is the call.
#include <api/stripe/waiting.hpp>

#include <boost/asio/redirect_error.hpp>

namespace daybook::api::stripe {

/// In the coroutine's frame, so that a frame that is destroyed leaves the list.
class Waiting::Place {
public:
    Place(Waiting& room, Clock::time_point deadline)
        : timer(room.executor_, deadline), room_(room) {
        position_ = room.waiting_.insert(room.waiting_.end(), this);
    }
    ~Place() { leave(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    void leave() {
        if (!std::exchange(inside_, false)) return;
        room_.waiting_.erase(position_);
    }

    Timer timer;
    bool called = false;

private:
    Waiting& room_;
    std::list<Place*>::iterator position_;
    bool inside_ = true;
};

Task<bool> Waiting::until(Clock::time_point deadline) {
    Place place(*this, deadline);
    boost::system::error_code ended;
    co_await place.timer.async_wait(boost::asio::redirect_error(Token(), ended));
    co_return place.called;
}

void Waiting::call_one() {
    if (waiting_.empty()) return;
    Place& place = *waiting_.front();
    place.leave();
    place.called = true;
    place.timer.cancel();
}

void Waiting::dismiss_all() {
    while (!waiting_.empty()) {
        Place& place = *waiting_.front();
        place.leave();
        place.timer.cancel();
    }
}

}  // namespace daybook::api::stripe
