"""Records of triggers as another machine would have written them."""

import json


def of_another_machine(records: str, its_clock_is_behind: int) -> str:
    """Records of `Starts` that were written just now by a machine with another boot, whose clock is behind by so many seconds."""
    changed = json.loads(records)
    for record in changed:
        record["uptime"]["boot"] = "another-machine"
        for moment in (record["at"], record["written"]):
            moment["secs_since_epoch"] -= its_clock_is_behind
    return json.dumps(changed)
