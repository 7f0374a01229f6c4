"""A cache holds as many bytes as it was given room for, whatever the sizes of its entries are."""

from __future__ import annotations

from errorpages.cache import OVERHEAD, Cache


def held(cache: Cache[int], keys: range) -> set[int]:
    return {key for key in keys if cache.get(key) is not None}


def test_what_was_put_is_found() -> None:
    cache: Cache[int] = Cache(100_000)
    cache.put("a", 1, 10)
    assert (cache.get("a"), cache.get("b")) == (1, None)


def test_no_more_is_held_than_there_is_room_for() -> None:
    cache: Cache[int] = Cache(100_000)
    keys = range(1_000)
    for key in keys:
        cache.put(key, key, 1_000)
    count = len(held(cache, keys))
    assert 100_000 // (1_000 + OVERHEAD) // 2 <= count <= 100_000 // (1_000 + OVERHEAD) + 2


def test_what_is_in_use_outlives_what_is_not() -> None:
    cache: Cache[int] = Cache(100_000)
    cache.put("used", 1, 1_000)
    cache.put("unused", 1, 1_000)
    for key in range(1_000):
        cache.put(key, key, 1_000)
        assert cache.get("used") == 1
    assert cache.get("unused") is None


def test_an_entry_that_would_crowd_out_the_others_is_not_kept() -> None:
    cache: Cache[int] = Cache(100_000)
    cache.put("small", 1, 10)
    cache.put("large", 2, 60_000)
    assert (cache.get("small"), cache.get("large")) == (1, None)


def test_an_entry_of_no_length_takes_room_too() -> None:
    cache: Cache[int] = Cache(100_000)
    keys = range(10_000)
    for key in keys:
        cache.put(key, key, 0)
    assert len(held(cache, keys)) <= 100_000 // OVERHEAD + 2
