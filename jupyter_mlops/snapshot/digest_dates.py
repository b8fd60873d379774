"""Digests of Python's dates, times, differences and time zones."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING

from jupyter_mlops.snapshot.looking import read_as
from jupyter_mlops.snapshot.registry import UnknowableError, handles

if TYPE_CHECKING:
    from jupyter_mlops.snapshot.walk import Walk

_DAY = ("year", "month", "day")
_CLOCK = ("hour", "minute", "second", "microsecond", "fold", "tzinfo")


@handles(dt.datetime)
def _datetime(walk: Walk, value: dt.datetime) -> bytes:
    return walk.node("datetime", walk.tokens(read_as(dt.datetime, value, *_DAY, *_CLOCK)))


@handles(dt.date)
def _date(walk: Walk, value: dt.date) -> bytes:
    return walk.node("date", walk.tokens(read_as(dt.date, value, *_DAY)))


@handles(dt.time)
def _time(walk: Walk, value: dt.time) -> bytes:
    return walk.node("time", walk.tokens(read_as(dt.time, value, *_CLOCK)))


@handles(dt.timedelta)
def _timedelta(walk: Walk, value: dt.timedelta) -> bytes:
    return walk.node(
        "timedelta", walk.tokens(read_as(dt.timedelta, value, "days", "seconds", "microseconds"))
    )


@handles(dt.timezone)
def _timezone(walk: Walk, value: dt.timezone) -> bytes:
    return walk.node("timezone", walk.token(value.utcoffset(None)), walk.token(value.tzname(None)))


@handles(zoneinfo.ZoneInfo)
def _zone(walk: Walk, value: zoneinfo.ZoneInfo) -> bytes:
    if not value.key:
        raise UnknowableError("a time zone read from an unnamed file")
    return walk.node("ZoneInfo", walk.token(value.key))
