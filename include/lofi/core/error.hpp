#pragma once
// Errors from outside the program: what, where, and what to do; thrown by the train door, returned as values by the play door.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI {

/// Says what is wrong with a file, a device or a number from outside, and where.
/// The place comes first: "kit.mid: byte 312: track ends inside an event".
class error : public std::exception {
public:
    explicit error(std::string message) : message_(std::move(message)) {}
    error(std::string_view place, std::string_view what) {
        message_.reserve(place.size() + 2 + what.size());
        message_.append(place).append(": ").append(what);
    }

    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
    [[nodiscard]] const std::string& message() const noexcept { return message_; }

    /// Returns the same error with a wider place in front: `e.at("kit.mid")`.
    [[nodiscard]] error at(std::string_view place) const { return error(place, message_); }

private:
    std::string message_;
};

/// Throws where exceptions are on; where they are off, prints the error and stops the program.
[[noreturn]] inline void raise(error e) {
#if LOFI_EXCEPTIONS
    throw e;
#else
    std::fprintf(stderr, "lofi: %s\n", e.what());
    std::abort();
#endif
}

/// Holds a value or the error that stands in its place. Works with exceptions on or off.
///
///     if (auto song = midi::read(bytes)) play(*song); else show(song.error().what());
///     auto song = midi::read(bytes).value();   // throws lofi::error
template <class T>
class [[nodiscard]] result {
public:
    using value_type = T;

    result(T value) : value_(std::move(value)), good_(true) {}     // NOLINT: a value is a result
    result(lofi::error e) : error_(std::move(e)), good_(false) {}  // NOLINT: so is an error
    result(const result& r) : good_(r.good_) { good_ ? make(value_, r.value_) : make(error_, r.error_); }
    result(result&& r) noexcept : good_(r.good_) {
        good_ ? make(value_, std::move(r.value_)) : make(error_, std::move(r.error_));
    }
    result& operator=(result r) noexcept {
        this->~result();
        return *::new (static_cast<void*>(this)) result(std::move(r));
    }
    ~result() { good_ ? value_.~T() : error_.~error(); }

    [[nodiscard]] explicit operator bool() const noexcept { return good_; }
    [[nodiscard]] bool has_value() const noexcept { return good_; }

    /// Returns the value, or raises the error. Of a result that nobody keeps, the value may be ignored: the error is not.
    [[nodiscard]] T& value() & { return check(), value_; }
    [[nodiscard]] const T& value() const& { return check(), value_; }
    T value() && { return check(), std::move(value_); }

    [[nodiscard]] T& operator*() & noexcept { return *get(); }
    [[nodiscard]] const T& operator*() const& noexcept { return *get(); }
    [[nodiscard]] T operator*() && noexcept { return std::move(*get()); }
    [[nodiscard]] T* operator->() noexcept { return get(); }
    [[nodiscard]] const T* operator->() const noexcept { return get(); }

    [[nodiscard]] const lofi::error& error() const noexcept {
        LOFI_ASSERT(!good_, "a result that holds a value has no error to give");
        return error_;
    }

private:
    void check() const {
        if (!good_) raise(error_);
    }
    T* get() noexcept {
        LOFI_ASSERT(good_, "a result that holds an error has no value to give");
        return &value_;
    }
    const T* get() const noexcept { return const_cast<result*>(this)->get(); }

    template <class X, class From>
    static void make(X& place, From&& from) {
        ::new (static_cast<void*>(&place)) X(std::forward<From>(from));
    }

    // Not a std::variant, which would be a fifth of what the whole play door costs to compile.
    union {
        T value_;
        lofi::error error_;
    };
    bool good_;
};

/// Holds nothing, or the error that says why the work was not done.
template <>
class [[nodiscard]] result<void> {
public:
    result() = default;
    result(lofi::error e) : error_(std::move(e)), failed_(true) {}  // NOLINT: an error is a result

    [[nodiscard]] explicit operator bool() const noexcept { return !failed_; }
    [[nodiscard]] bool has_value() const noexcept { return !failed_; }

    /// Raises the error if there is one.
    void value() const {
        if (failed_) raise(error_);
    }
    [[nodiscard]] const lofi::error& error() const noexcept {
        LOFI_ASSERT(failed_, "work that was done has no error to give");
        return error_;
    }

private:
    lofi::error error_{std::string()};
    bool failed_ = false;
};

}  // namespace lofi::inline LOFI_ABI
