"""vanthu-agent with a token that answers certain PINs as tokens of makers do and SoftHSM never does.

Runs the real program over the real library; only logging in with one of these PINs fails as PKCS#11 says it fails.
"""

from __future__ import annotations

import sys
from typing import Any

from pkcs11 import TokenFlag
from pkcs11 import exceptions as troubles

from vanthu_agent import device, main

LOCKED, LAST_TRY, EXPIRED, BROKEN, PULLED_OUT = "100001", "100002", "100003", "100004", "100005"
_ANSWERS = {
    LOCKED: troubles.PinLocked,
    LAST_TRY: troubles.PinIncorrect,
    EXPIRED: troubles.PinExpired,
    BROKEN: troubles.FunctionFailed,
    PULLED_OUT: troubles.DeviceRemoved,
}


class _Token:
    def __init__(self, real: Any, slot: _Slot) -> None:
        self._real, self._slot = real, slot

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    @property
    def flags(self) -> Any:
        return self._real.flags | (TokenFlag.USER_PIN_FINAL_TRY if self._slot.last_try else TokenFlag(0))

    def open(self, user_pin: Any = None, **more: Any) -> Any:
        self._slot.last_try = user_pin == LAST_TRY
        if user_pin in _ANSWERS:
            raise _ANSWERS[user_pin]
        return self._real.open(user_pin=user_pin, **more)


class _Slot:
    def __init__(self, real: Any) -> None:
        self._real, self.last_try = real, False

    def get_token(self) -> _Token:
        return _Token(self._real.get_token(), self)


if __name__ == "__main__":
    real_slots = device._slots
    device._slots = lambda library: [_Slot(slot) for slot in real_slots(library)]
    sys.exit(main.main())
