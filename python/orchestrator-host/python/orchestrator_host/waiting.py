"""Waiting for calls: on a thread, or on an event loop without a thread for each."""

from __future__ import annotations

import asyncio

from orchestrator_host._native import Call


async def ended(call: Call) -> str:
    """The outcome of a call, once it has ended. A wait that is cancelled leaves the call under way."""
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()
    call.notify(loop, lambda: None if woken.done() else woken.set_result(None))
    await woken
    return _there(call.wait(0))


async def ended_or_dropped(call: Call) -> str:
    """The outcome of a call that changes nothing. A wait that is cancelled drops the call."""
    try:
        return await ended(call)
    except asyncio.CancelledError:
        call.abandon()
        raise


def ended_or_interrupted(call: Call) -> str:
    """The outcome of a call that changes nothing, on a thread that waits for it. Ctrl-C drops the call."""
    try:
        return _there(call.wait())
    except KeyboardInterrupt:
        call.abandon()
        raise


def _there(outcome: str | None) -> str:
    if outcome is None:
        raise RuntimeError("the host ended a wait before the call had ended")
    return outcome
