"""The second factor: time-based one-time codes (TOTP, RFC 6238), six digits, a new one each 30 seconds.

A code is taken in its own time step and one step to either side (clocks differ), and each step only once: `step_of` gives the
step, the caller keeps the last one used.
"""

import io
from datetime import datetime

import pyotp
import segno
from pyotp.utils import strings_equal

_SECONDS = 30


def new_secret() -> str:
    """A random secret of 160 bits in base32."""
    return pyotp.random_base32()


def code_at(secret: str, moment: datetime) -> str:
    """The code an app shows at this moment."""
    return pyotp.TOTP(secret).at(moment)


def step_of(code: str, secret: str, now: datetime, *, after: int) -> int | None:
    """The time step this code belongs to, if it is later than step `after` and at most one step from now; None for a wrong code."""
    here = int(now.timestamp()) // _SECONDS
    totp, found = pyotp.TOTP(secret), None
    for step in (here - 1, here, here + 1):  # all three are compared, so that time does not tell which one was near
        if strings_equal(totp.generate_otp(step), code) and step > after:
            found = step
    return found


def enrolment_address(secret: str, *, login: str, issuer: str) -> str:
    """The otpauth:// address an authenticator app reads from the square code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def square_code(address: str, title: str) -> str:
    """The address as a QR code: an SVG element without inline style, to be placed in a page."""
    out = io.BytesIO()
    look = {"omitsize": True, "dark": "#000", "light": "#fff", "svgclass": "qr", "lineclass": None}
    segno.make(address, error="m").save(out, kind="svg", xmldecl=False, svgns=False, title=title, **look)
    return out.getvalue().decode()
